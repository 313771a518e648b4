/**
 * Elements of the XSI schema as plain data, before they become XML or JSON (xsi.md 3.1, 4.6).
 * Renderers build these; only `xml.ts` and `json.ts` know how bytes look.
 */

export interface El {
  name: string
  /** Attributes without a namespace, such as `countryCode`. */
  attrs?: Record<string, string>
  /** `xsi:type`: local name of a schema type, such as `AccessEndpoint`. */
  type?: string
  /** `xsi:nil`. */
  nil?: boolean
  text?: string
  children?: El[]
}

export type Content = El | undefined | false | (El | undefined | false)[]

/** An element with children; what is undefined or false is left out. */
export function el (name: string, ...content: Content[]): El {
  const children = content.flat().filter((item): item is El => Boolean(item))
  return children.length > 0 ? { name, children } : { name }
}

/** An element with text, or nothing when there is no value: optional elements of the schema are simply absent. */
export function text (name: string, value: string | number | boolean | undefined): El | undefined {
  return value === undefined ? undefined : { name, text: String(value) }
}

/** An empty element that stands for true; absent for false (xsi.md 10, trap 12). */
export function flag (name: string, on: boolean | undefined): El | undefined {
  return on ? { name } : undefined
}

/** The element with attributes; undefined ones are left out. */
export function attrs (element: El, values: Record<string, string | undefined>): El {
  const present = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return present.length > 0 ? { ...element, attrs: { ...element.attrs, ...Object.fromEntries(present) } } : element
}

/** The element with an `xsi:type`. */
export function typed (element: El, type: string): El {
  return { ...element, type }
}

/** First child of that name. */
export function child (element: El | undefined, name: string): El | undefined {
  return element?.children?.find((item) => item.name === name)
}

/** All children of that name. */
export function all (element: El | undefined, name: string): El[] {
  return element?.children?.filter((item) => item.name === name) ?? []
}

/** Text of a child, trimmed; undefined when the child is absent or nil. */
export function textOf (element: El | undefined, name: string): string | undefined {
  const found = child(element, name)
  return found === undefined || found.nil ? undefined : (found.text ?? '').trim()
}

/** Whether any element of the tree carries a type or nil, and so needs the schema-instance namespace. */
export function usesInstance (element: El): boolean {
  return element.type !== undefined || element.nil === true || (element.children?.some(usesInstance) ?? false)
}
