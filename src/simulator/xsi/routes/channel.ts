/** Commands of Xsi-Events on channels (xsi.md 3.5, 4.2, 4.4, 4.5). */
import { type ServerResponse } from 'node:http'
import { type Principal } from '../auth'
import { type ChannelHead } from '../channels'
import { badRequest, notFound } from '../errors'
import { type Call, type Reply } from '../http'
import { route, type Route } from '../router'
import { type Site } from '../site'
import { type El, el, text, textOf } from '../tree'

/** Opens the stream: the response stays open, so this one is not an ordinary handler. */
export function openChannel (site: Site, body: El | undefined, principal: Principal, response: ServerResponse, head: ChannelHead): void {
  if (body?.name !== 'Channel') throw badRequest('A Channel is expected')
  site.channels.open(body, principal.id, response, head)
}

function own (call: Call): ReturnType<Site['channels']['get']> {
  return call.site.channels.get(call.params.channel ?? '', call.port, call.principal.id)
}

function refresh (call: Call): Reply {
  const channel = own(call)
  const expires = call.site.channels.refresh(channel, textOf(call.body, 'expires'))
  return { body: el('Channel', text('channelId', channel.id), text('expires', expires)) }
}

function remove (call: Call): Reply {
  const channel = own(call)
  return { then: () => call.site.channels.end(channel, 'ExplicitDelete') }
}

function heartbeat (call: Call): Reply {
  const channel = own(call)
  return { then: () => call.site.channels.heartbeat(channel) }
}

function channelSet (call: Call): Reply {
  const channels = call.site.channels.ofSet(call.params.set ?? '').filter((channel) => channel.owner === call.principal.id)
  return { body: el('ChannelSet', channels.map((channel) => call.site.channels.describe(channel))) }
}

const STATUSES = new Set(['200', '400', '404', '481', '500'])

function eventResponse (call: Call): Reply {
  const eventId = textOf(call.body, 'eventID')
  const status = textOf(call.body, 'statusCode')
  if (call.body?.name !== 'EventResponse' || !eventId || !STATUSES.has(status ?? '') || !textOf(call.body, 'reason')) throw badRequest('eventID, statusCode and reason are expected')
  const holder = call.site.delivery.portOf(eventId)
  if (holder !== undefined && holder !== call.port) throw notFound('Event not found')
  return { then: () => call.site.delivery.acknowledge(eventId, Number(status)) }
}

export const channelRoutes: Route[] = [
  route('events', 'POST /channel/eventresponse', eventResponse),
  route('events', 'PUT /channel/:channel/heartbeat', heartbeat),
  route('events', 'PUT /channel/:channel', refresh),
  route('events', 'DELETE /channel/:channel', remove),
  // A published client deletes where it opened.
  route('async', 'DELETE /channel/:channel', remove),
  route('events', 'GET /channelset/:set', channelSet)
]
