/** Tokens that a vendor renews, kept across restarts (design.md, "Kept across restarts"): one encrypted file an account, one record a person in it. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** What one authorisation gave. Times in ms since 1970. */
export interface TokenRecord {
  accessToken: string
  refreshToken?: string
  expiresAt: number
  refreshExpiresAt?: number
  scope?: string
  /** Who authorised. */
  holder?: { id: string; name?: string; email?: string; orgId?: string }
  /** Small marks of the vendor's client that must outlive a restart. */
  notes?: Record<string, string>
}

/** Records by key (the account's own, or a person's id). Nothing rejects: what cannot be kept on disk is kept in memory and told once. */
export interface TokenStore {
  read (key: string): Promise<TokenRecord | undefined>
  write (key: string, record: TokenRecord): Promise<void>
  remove (key: string): Promise<void>
  keys (): Promise<string[]>
}

/** Lives as long as the process: for tests, and where nothing may be written. */
export class MemoryTokenStore implements TokenStore {
  private readonly records = new Map<string, TokenRecord>()

  async read (key: string): Promise<TokenRecord | undefined> {
    const record = this.records.get(key)
    return record === undefined ? undefined : structuredClone(record)
  }

  async write (key: string, record: TokenRecord): Promise<void> {
    this.records.set(key, structuredClone(record))
  }

  async remove (key: string): Promise<void> {
    this.records.delete(key)
  }

  async keys (): Promise<string[]> {
    return [...this.records.keys()]
  }
}

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
/** First byte of a file: the layout that follows (IV, tag, cipher text). */
const LAYOUT = 1
const SAFE_NAME = /^[\w.-]{1,100}$/

export interface FileTokenStoreOptions {
  /** Directory of the files; made with mode 0700 when it is not there. */
  readonly directory: string
  readonly accountId: string
  /** The account's credential `tokenKey`, any text with enough chance in it. */
  readonly key: string
  /** Told once for each kind of trouble: `unreadable` (wrong key, damaged), `unwritable`. `reason` holds no secret. */
  readonly warn: (code: 'unreadable' | 'unwritable', reason: string) => void
}

/** Records of one account in `<directory>/<account id>.json`: AES-256-GCM, mode 0600, replaced at once by a rename. */
export class FileTokenStore implements TokenStore {
  private readonly path: string
  private readonly secret: Buffer
  private readonly account: Buffer
  private records: Map<string, TokenRecord> | undefined
  /** Reads and writes of the file, one after the other. */
  private turn: Promise<unknown> = Promise.resolve()
  private readonly warned = new Set<string>()

  constructor (private readonly options: FileTokenStoreOptions) {
    const { accountId, key, directory } = options
    const name = SAFE_NAME.test(accountId) && !accountId.startsWith('.') ? accountId : createHash('sha256').update(accountId).digest('hex')
    this.path = join(directory, `${name}.json`)
    this.secret = createHash('sha256').update(`cti-tokens\n${accountId}\n${key}`).digest()
    this.account = Buffer.from(accountId)
  }

  read (key: string): Promise<TokenRecord | undefined> {
    return this.next(async () => {
      const record = (await this.load()).get(key)
      return record === undefined ? undefined : structuredClone(record)
    })
  }

  write (key: string, record: TokenRecord): Promise<void> {
    return this.next(async () => {
      const records = await this.load()
      records.set(key, structuredClone(record))
      await this.save(records)
    })
  }

  remove (key: string): Promise<void> {
    return this.next(async () => {
      const records = await this.load()
      if (records.delete(key)) await this.save(records)
    })
  }

  keys (): Promise<string[]> {
    return this.next(async () => [...(await this.load()).keys()])
  }

  private next<T> (work: () => Promise<T>): Promise<T> {
    const run = this.turn.then(work)
    this.turn = run.catch(() => undefined)
    return run
  }

  /** The file is read anew each time: the editor's authorisation may have been written by another store of the same account. */
  private async load (): Promise<Map<string, TokenRecord>> {
    let sealed: Buffer
    try {
      sealed = await readFile(this.path)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT') this.tell('unreadable', code ?? 'unknown')
      return this.records ??= new Map()
    }
    // What could not be written is newer than the file.
    if (this.warned.has('unwritable') && this.records !== undefined) return this.records
    try {
      this.records = new Map(Object.entries(this.unseal(sealed)))
    } catch {
      this.tell('unreadable', 'the key is another one, or the file is damaged')
      this.records ??= new Map()
    }
    return this.records
  }

  private async save (records: Map<string, TokenRecord>): Promise<void> {
    this.records = records
    const temporary = `${this.path}.${randomBytes(6).toString('hex')}`
    try {
      await mkdir(this.options.directory, { recursive: true, mode: 0o700 })
      const file = await open(temporary, 'wx', 0o600)
      try {
        await file.writeFile(this.seal(Object.fromEntries(records)))
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, this.path)
      this.warned.delete('unwritable')
    } catch (error) {
      this.tell('unwritable', (error as NodeJS.ErrnoException).code ?? 'unknown')
      // Nothing is left of a write that failed half way; when it never began there is nothing to remove.
      await unlink(temporary).catch(() => undefined)
    }
  }

  private seal (content: Record<string, TokenRecord>): Buffer {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv(CIPHER, this.secret, iv).setAAD(this.account)
    const sealed = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()])
    return Buffer.concat([Buffer.of(LAYOUT), iv, cipher.getAuthTag(), sealed])
  }

  private unseal (file: Buffer): Record<string, TokenRecord> {
    if (file[0] !== LAYOUT) throw new Error('unknown layout')
    const iv = file.subarray(1, 1 + IV_BYTES)
    const tag = file.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES)
    const decipher = createDecipheriv(CIPHER, this.secret, iv).setAAD(this.account).setAuthTag(tag)
    const text = Buffer.concat([decipher.update(file.subarray(1 + IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
    return JSON.parse(text) as Record<string, TokenRecord>
  }

  private tell (code: 'unreadable' | 'unwritable', reason: string): void {
    if (this.warned.has(code)) return
    this.warned.add(code)
    this.options.warn(code, reason)
  }
}
