/**
 * Puts the edit forms together: what several share is a fragment. In a form (or a fragment, or a help text) a line of its own,
 *
 *     <!-- include fragments/row.html name=host icon=fa-server more='placeholder="pbx.example.com"' -->      in HTML
 *     /* include fragments/typed.inc name=user *\/                                                            in a script
 *
 * stands for that file (the path is relative to the file with the line), with `{{name}}` replaced by the value, or by nothing. `each=LIST` repeats the fragment
 * for each part of the value LIST (parted by commas), as `{{item}}`; `platforms` is such a list everywhere. Folders called `fragments` are not shipped.
 */
import { readFileSync } from 'node:fs'
import { cp, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PLATFORMS } from '../../src/model'

type Values = Readonly<Record<string, string>>

const LINE = /^([ \t]*)(?:<!--|\/\*) include (\S+)(.*?) *(?:-->|\*\/)$/gm
const PARAMETER = /(\w+)=(?:'([^']*)'|(\S+))/g
const EVERYWHERE: Values = { platforms: PLATFORMS.join(',') }
const DEPTH_LIMIT = 8

const fill = (text: string, values: Values): string => text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '')

function parameters (text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(PARAMETER)].map(([, name, quoted, plain]) => [name, quoted ?? plain ?? '']))
}

function render (file: string, values: Values, depth: number): string {
  if (depth > DEPTH_LIMIT) throw new Error(`${file} includes itself`)
  return fill(readFileSync(file, 'utf8').trimEnd(), values).replaceAll(LINE, (_, indent: string, path: string, rest: string) => {
    const { each, ...own } = parameters(rest)
    const rounds = each === undefined ? [own] : (own[each] ?? values[each] ?? '').split(',').map((item) => ({ ...own, item }))
    const parts = rounds.map((round) => render(join(dirname(file), path), { ...values, ...round }, depth + 1))
    return parts.join('\n').replaceAll(/^(?=.)/gm, indent)
  })
}

/** The whole text of a form or help file. @throws Error when a fragment is missing, or includes itself */
export function renderForm (file: string): string {
  return `${render(file, EVERYWHERE, 0)}\n`
}

/** Copies forms, help and texts from `nodes/` to the build, forms put together. */
export async function copyForms (from: string, to: string): Promise<void> {
  await cp(from, to, {
    recursive: true,
    filter: async (source, target) => {
      if (source.endsWith('.html')) await writeFile(target, renderForm(source))
      return !source.endsWith('.ts') && !source.endsWith('.html') && basename(source) !== 'fragments'
    }
  })
}
