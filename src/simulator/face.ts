/** What the simulator needs of a vendor's face; a further vendor is a folder with a class of this shape. */
import { type FaceName } from './pbx/types'

export interface Address { host: string; port: number; url: string }

/** What a face offers to somebody who wants to try it: a person with a phone, and an administrator who may act for all. */
export interface DemoLogin {
  url: string
  username: string
  password: string
  token: string
  adminUsername: string
  adminPassword: string
  adminToken: string
  /** PEM of the authority that a client has to trust, of a face with TLS. */
  ca?: string
  /** An integration that a person may authorise (OAuth), of a face that has such. */
  clientId?: string
  clientSecret?: string
  /** A chat bot: its token, and the address that people write to. */
  botToken?: string
  botEmail?: string
  /** An application without a person: its token, and what renews it. */
  serviceToken?: string
  serviceRefreshToken?: string
  serviceClientId?: string
  serviceClientSecret?: string
}

/** A live connection of a client, as the control API lists it. */
export interface FaceConnection { id: string; kind: string; peer: string; owner?: string; /** Which of a face's servers, where it has several. */ server?: number }

/** Things that go wrong at once and on command, rather than at the next message. */
export type FaceAction = 'dropConnections' | 'expireCredentials' | 'renewCredentials' | 'endSubscriptions' | 'resync'

/** Something that only one face can do, for tests and the control API. @throws Refusal when it is not possible */
export interface FaceCommand { help: string; run: (given: Record<string, unknown>) => unknown }

export interface Face {
  readonly name: FaceName
  /** Base address; kept while the face is away, as it comes back there. */
  readonly url: string
  start (): Promise<Address>
  /** Ends each server, socket and timer of the face, for good. */
  stop (): Promise<void>
  /** Away for `downMs` and back on the same port; the PBX goes on meanwhile. */
  restart (options?: { downMs?: number }): Promise<Address>
  /** The line to the clients breaks (sockets cut, none accepted) or comes back; the face keeps what it knows of them. */
  line (up: boolean): Promise<void>
  connections (): FaceConnection[]
  /** Counters since the start, by name: what was sent, answered, lost. */
  figures (): Record<string, number>
  /** Plays a failure; returns how many connections or subscriptions it met. */
  act (action: FaceAction, connection?: string): number
  login (): DemoLogin
  /** Commands of its own, by name. */
  readonly commands?: Readonly<Record<string, FaceCommand>>
}
