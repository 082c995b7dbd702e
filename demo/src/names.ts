export type RungName = 'swift' | 'backend' | 'reserve'
export type RouteName = RungName | 'prepared'

/** What the product calls its routes in front of people. */
export type Names = Readonly<Record<RouteName, string>>

export const rungs: readonly { readonly route: RungName; readonly wire: string }[] = [
  { route: 'swift', wire: 'OpenAI chat completions' },
  { route: 'backend', wire: 'AI SDK message stream' },
  { route: 'reserve', wire: 'OpenAI chat completions' },
]

const simulated: Names = {
  swift: 'Swift 4',
  backend: 'House backend',
  reserve: 'Reserve',
  prepared: 'Prepared answer',
}

export function namesFor(hasKey: boolean): Names {
  return hasKey ? { ...simulated, swift: 'OpenAI' } : simulated
}
