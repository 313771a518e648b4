import { type ChildProcess } from 'node:child_process'

export interface NodeRedProcess {
  child: ChildProcess
  userDir: string
  port: number
  url: string
  output (): string
  stop (): Promise<void>
}

export const ROOT: string
export const PACKAGE: {
  name: string
  version: string
  'node-red': { nodes: Record<string, string>; plugins: Record<string, string> }
  keywords: string[]
  dependencies: Record<string, string>
  [key: string]: unknown
}
export function redScript (): string
export function freePort (wanted?: number): Promise<number>
export function createUserDir (options?: { link?: boolean; flows?: unknown[] }): Promise<string>
export function endProcess (child: ChildProcess): Promise<void>
export function startNodeRed (options: { userDir: string; port?: number; keep?: boolean; onOutput?: (text: string) => void }): Promise<NodeRedProcess>
