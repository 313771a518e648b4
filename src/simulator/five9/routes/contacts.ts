/** Contacts: the people outside whom the PBX knows, and what clients add (five9.md 3.2). Field ids and names are the simulator's own. */
import { fields } from '../bodies'
import { badRequest, notFound, refused } from '../errors'
import { type Call, type Reply, route, type Route } from '../http'
import { national } from '../people'
import { type Site } from '../site'
import { type Item } from '../stores'

const BOTH = ['appsvcs', 'supsvcs'] as const
const OF_CALL = 'agents/:uid/interactions/calls/:cid'
const FIELDS = [{ id: '301', name: 'number1' }, { id: '302', name: 'first_name' }, { id: '303', name: 'last_name' }, { id: '304', name: 'company' }]
const NUMBER = '301'

/** Contacts, with those of the PBX entered at first need. */
function contacts ({ stores, pbx, clock }: Site): Item[] {
  if (stores.contacts.list().length === 0) {
    for (const [number, { name }] of pbx.externals) {
      if (name === undefined) continue
      const [first = '', ...rest] = name.split(' ')
      stores.contacts.add({ fields: { [NUMBER]: national(number), 302: first, 303: rest.join(' '), 304: '' }, modificationTime: clock.now() })
    }
  }
  return stores.contacts.list()
}

/** @throws Five9Error 404 */
function contact (site: Site, id: string | undefined): Item {
  contacts(site)
  return site.stores.contacts.get(id)
}

/** @throws Five9Error 400 for fields that the domain does not have */
function given (body: unknown): Record<string, string> {
  const values = fields(fields(body).fields)
  for (const id of Object.keys(values)) if (!FIELDS.some((field) => field.id === id)) throw badRequest(`No contact field ${id}`)
  return Object.fromEntries(Object.entries(values).map(([id, value]) => [id, String(value ?? '')]))
}

function create ({ site, body }: Call): Item {
  contacts(site)
  return site.stores.contacts.add({ fields: given(body), modificationTime: site.clock.now() })
}

/** Optimistic: who did not read the latest version is refused (five9.md 3.2). */
function update (site: Site, id: string | undefined, body: unknown): Item {
  const known = contact(site, id)
  const { modificationTime } = fields(body)
  if (modificationTime !== undefined && modificationTime !== known.modificationTime) throw refused('The contact was modified by somebody else', { objectId: known.id })
  const changed = site.stores.contacts.change(known.id, { fields: { ...fields(known.fields), ...given(body) }, modificationTime: Math.max(site.clock.now(), Number(known.modificationTime) + 1) })
  site.out.broadcast('agent', 77, changed)
  return changed
}

/** Contacts of a call: the chosen one, else those with the number of the other party. */
function ofCall ({ site, user, params }: Call): Item[] {
  const record = site.ledger.find(user.key, params.cid ?? '')
  const number = national(site.pbx.connections.get(record.connectionKey)?.remote?.number)
  return contacts(site).filter((item) => record.contactId === undefined ? number !== '' && fields(item.fields)[NUMBER] === number : item.id === record.contactId)
}

function choose (call: Call, id: string): Reply {
  const { site, user, params } = call
  site.ledger.find(user.key, params.cid ?? '').contactId = contact(site, id).id
  return { body: contact(site, id) }
}

export const CONTACT_ROUTES: Route[] = [
  route(BOTH, 'GET orgs/:oid/contact_fields', () => ({ body: FIELDS })),
  route(BOTH, 'GET orgs/:oid/contacts', ({ site }) => ({ body: contacts(site) })),
  route(BOTH, 'POST orgs/:oid/contacts', (call) => ({ body: create(call) })),
  route(BOTH, 'GET orgs/:oid/contacts/:contact', ({ site, params }) => ({ body: contact(site, params.contact) })),
  route(BOTH, 'PUT orgs/:oid/contacts/:contact', ({ site, params, body }) => ({ body: update(site, params.contact, body) })),
  route(BOTH, 'DELETE orgs/:oid/contacts/:contact', ({ site, params }) => {
    contacts(site)
    site.stores.contacts.remove(params.contact)
    return {}
  }),
  route(['appsvcs'], `GET ${OF_CALL}/contacts`, (call) => ({ body: { contacts: ofCall(call) } })),
  route(['appsvcs'], `PUT ${OF_CALL}/update_contact`, (call) => {
    const { id } = fields(call.body)
    if (typeof id !== 'string' || !ofCall(call).some((item) => item.id === id)) throw notFound(`The call has no contact ${String(id)}`)
    update(call.site, id, call.body)
    return {}
  }),
  route(['appsvcs'], `POST ${OF_CALL}/contacts_2`, (call) => choose(call, create(call).id)),
  route(['appsvcs'], `PUT ${OF_CALL}/active_contact_2`, (call) => {
    const { id, contactId, value } = fields(call.body)
    return choose(call, String(id ?? contactId ?? value ?? ''))
  })
]
