/** A duration for people: `840 ms`, `2.31 s`, `–` for none. */
export function ms(value: number | null): string {
  if (value === null) return '–'
  return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(2)} s`
}
