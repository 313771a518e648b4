/** What a message says, checked and in the forms that the API keeps (webex-calling.md 5, 9.1). */
import { badRequest } from '../errors'
import { type Asked, type Json, parts, text, texts } from '../http'
import { type Member, type Members } from './members'
import { type Content } from './rooms'

const MOST_BYTES = 7439
const CARD = 'application/vnd.microsoft.card.adaptive'
const NEWEST_CARD = 1.3
const MENTION = /<@(personEmail|personId):([^>|]+)(?:\|([^>]*))?>/g
/** Signs of emphasis and code. */
const MARKS = /\*\*|`{1,3}/g
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** @throws WebexError 400 for a message that is empty, too long, or has more than one file or card */
export function contentOf (asked: Asked, members: Members): Content {
  const files = texts(asked, 'files')
  const attachments = parts(asked, 'attachments')
  const parentId = text(asked, 'parentId')
  const words = wordsOf(text(asked, 'text'), text(asked, 'markdown'), members)
  if (words.text === undefined && files.length === 0) throw badRequest('text, markdown or files is needed')
  if (files.length > 1 || attachments.length > 1) throw badRequest('A message carries one file and one card at most')
  for (const card of attachments) checkCard(card)
  return { ...words, files, attachments, ...(parentId === undefined ? {} : { parentId }) }
}

/** Mentions of people in markdown become names in the text. @throws WebexError 400 for too many bytes */
export function wordsOf (plain: string | undefined, markdown: string | undefined, members: Members): Pick<Content, 'text' | 'markdown' | 'html' | 'mentioned'> {
  for (const words of [plain, markdown]) if (words !== undefined && Buffer.byteLength(words) > MOST_BYTES) throw badRequest(`A message has at most ${MOST_BYTES} bytes`)
  if (markdown === undefined) return { ...(plain === undefined || plain === '' ? {} : { text: plain }), mentioned: [] }
  const pieces = piecesOf(markdown, members)
  return {
    text: plain ?? pieces.map(({ words }) => words).join('').replace(MARKS, ''),
    markdown,
    html: `<p>${pieces.map(({ words, mention, member }) => mention ? `<spark-mention data-object-type="person" data-object-id="${member?.id ?? ''}">${escape(words)}</spark-mention>` : escape(words)).join('')}</p>`,
    mentioned: [...new Set(pieces.flatMap(({ member }) => member ?? []))]
  }
}

interface Piece { words: string; mention: boolean; member?: Member }

/** Plain parts and mentions, in order. A mention of nobody known keeps its name. */
function piecesOf (markdown: string, members: Members): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const { 0: whole, 1: kind, 2: id = '', 3: name, index } of markdown.matchAll(MENTION)) {
    const member = kind === 'personEmail' ? members.byEmail(id) : members.byId(id)
    pieces.push({ words: markdown.slice(from, index), mention: false }, { words: name ?? member?.name ?? id, mention: true, ...(member === undefined ? {} : { member }) })
    from = index + whole.length
  }
  return [...pieces, { words: markdown.slice(from), mention: false }]
}

function checkCard ({ contentType, content }: Json): void {
  const version = Number((content as Json | undefined)?.version ?? 0)
  if (contentType !== CARD || content === null || typeof content !== 'object') throw badRequest(`An attachment is of type ${CARD} with content`)
  if (!(version <= NEWEST_CARD)) throw badRequest(`Cards are understood up to version ${NEWEST_CARD}`)
}

function escape (words: string): string {
  return words.replace(/[&<>]/g, (sign) => ESCAPES[sign] ?? sign)
}
