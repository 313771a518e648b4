/** A stretch of time in ms; `to` is not part of it. */
export interface Span { readonly from: number; readonly to: number }

/** The times covered by any of the spans, in order, without overlap. Spans that end before they begin are left out. */
export function union (spans: readonly Span[]): Span[] {
  const sorted = spans.filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from)
  const joined: { from: number; to: number }[] = []
  for (const { from, to } of sorted) {
    const last = joined.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else joined.push({ from, to })
  }
  return joined
}

/** What of `spans` is not covered by `holes`. */
export function without (spans: readonly Span[], holes: readonly Span[]): Span[] {
  let rest = union(spans)
  for (const hole of union(holes)) {
    rest = rest.flatMap((span) => hole.to <= span.from || hole.from >= span.to
      ? [span]
      : [{ from: span.from, to: hole.from }, { from: hole.to, to: span.to }].filter(({ from, to }) => to > from))
  }
  return rest
}

/** Seconds covered, with one decimal. */
export function seconds (spans: readonly Span[]): number {
  return Math.round(union(spans).reduce((sum, { from, to }) => sum + to - from, 0) / 100) / 10
}
