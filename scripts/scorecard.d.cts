export type Card = Record<string, { test: boolean; nodes?: string[] }>
export function scorecard (options?: { online?: boolean }): { status: number | null; output: string; card?: Card }
