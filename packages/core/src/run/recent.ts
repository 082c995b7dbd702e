/** So many are remembered: a server may run for years, and everybody who asks it is somebody new. */
const MOST = 1_000

/** What belongs to a key, made where it is new. Whoever was not asked for the longest is forgotten. */
export function recent<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const value = map.get(key) ?? make()
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > MOST && oldest !== undefined) map.delete(oldest)
  return value
}
