/** What the parts of the face share: the PBX, its names, the sessions and the memory of a XiVO server. */
import { createSecureContext, type SecureContext } from 'node:tls'
import { type Faults } from '../faults/faults'
import { type PbxClock } from '../pbx/clock'
import { type Pbx } from '../pbx/pbx'
import { type Rng } from '../pbx/rng'
import { Channels } from './channels'
import { XivoIds } from './ids'
import { Memory } from './memory'
import { DEFAULTS, type XivoOptions, type XivoTls } from './options'
import { Out } from './out'
import { ContactBook } from './people'
import { Profiles } from './profiles'
import { Release } from './release'

export interface SiteNeeds { pbx: Pbx; clock: PbxClock; rng: Rng; faults: Faults; options?: Partial<XivoOptions> }

export interface Site {
  pbx: Pbx
  clock: PbxClock
  rng: Rng
  faults: Faults
  options: XivoOptions
  release: Release
  ids: XivoIds
  profiles: Profiles
  channels: Channels
  memory: Memory
  contacts: ContactBook
  out: Out
  /** Does something after a while, ms, unless the face is stopped before. */
  later: (ms: number, run: () => void) => void
  /** Gives up all that was to be done later. */
  forgetLater: () => void
  /** Of the certificate; absent without one. */
  secure?: SecureContext
  /** Tells the state of phones, agents and members to all once more; set by the publisher. */
  retell: () => void
}

/** Puts the parts together; nothing runs yet. @throws Error for a release or protocol that does not exist, or a certificate that cannot be read */
export function makeSite (needs: SiteNeeds): Site {
  const { pbx, clock, rng, faults } = needs
  const options: XivoOptions = { ...DEFAULTS, ...needs.options }
  const release = new Release(options)
  const ids = new XivoIds(pbx, options, rng)
  const waiting = new Set<() => void>()
  return {
    pbx, clock, rng, faults, options, release, ids,
    profiles: new Profiles(options, release, pbx),
    channels: new Channels({ pbx, ids, first: options.firstChannel }),
    memory: new Memory(pbx),
    contacts: new ContactBook(),
    out: new Out({ clock, faults, options }),
    ...(options.tls === undefined ? {} : { secure: secureContextOf(options.tls) }),
    later: (ms, run) => {
      const cancel = clock.after(ms, () => {
        waiting.delete(cancel)
        run()
      })
      waiting.add(cancel)
    },
    forgetLater: () => {
      for (const cancel of waiting) cancel()
      waiting.clear()
    },
    retell: () => {}
  }
}

function secureContextOf ({ key, cert, old }: XivoTls): SecureContext {
  return createSecureContext({ key, cert, ...(old === true ? { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } : {}) })
}
