import assert from 'node:assert/strict'
import { createHttpClient } from '../../src/transport/http'
import { httpServer, type TestServer } from './servers'

const PIECE = 2000
const PIECES = 3000

describe('transport: a stream that comes faster than it is used', () => {
  let server: TestServer
  const client = createHttpClient()
  before(async () => {
    server = await httpServer((_request, response) => {
      response.writeHead(200)
      for (let n = 0; n < PIECES; n++) response.write(Buffer.alloc(PIECE, n % 251))
      response.end()
    })
  })
  after(async () => {
    client.close()
    await server.close()
  })

  async function read (onData: (chunk: Buffer) => void = () => undefined, take: (stream: Awaited<ReturnType<typeof client.openStream>>) => void = () => undefined): Promise<void> {
    const stream = await client.openStream({ url: server.url })
    await new Promise<void>((resolve, reject) => {
      stream.listen({ data: onData, end: (error) => error === undefined ? resolve() : reject(error) })
      take(stream)
    })
  }

  it('gives what was made of it a turn after every few pieces, and loses nothing', async () => {
    let turn = 0
    let longest = 0
    let next = 0
    let at = 0
    const turns = new Set<NodeJS.Immediate>()
    await read((chunk) => {
      if (turns.size === 0) {
        turns.add(setImmediate(() => {
          turns.clear()
          turn = 0
        }))
      }
      turn += chunk.length
      longest = Math.max(longest, turn)
      for (const byte of chunk) {
        assert.equal(byte, next % 251)
        if (++at % PIECE === 0) next++
      }
    })
    assert.equal(at, PIECE * PIECES)
    // One piece may go over: what is read is not cut.
    assert.ok(longest <= 32 * 1024 + 64 * 1024, `${longest} bytes in one turn`)
  })

  it('stays paused over the turns of the event loop until it is resumed', async () => {
    let bytes = 0
    let atPause = 0
    await read((chunk) => { bytes += chunk.length }, (stream) => {
      setImmediate(() => {
        stream.pause()
        atPause = bytes
        let turns = 0
        const wait = (): void => {
          if (++turns < 50) return void setImmediate(wait)
          assert.equal(bytes, atPause)
          stream.resume()
        }
        setImmediate(wait)
      })
    })
    assert.equal(bytes, PIECE * PIECES)
  })
})
