/** Routes that the panel can break: simulated ones. */
export type RungName = 'swift' | 'backend' | 'reserve' | 'chef'
export type RouteName = RungName | 'yours' | 'prepared'
export type Job = 'chat' | 'week'

/** What the product calls its routes in front of people. */
export const names: Readonly<Record<RouteName, string>> = {
  yours: 'Your OpenAI',
  swift: 'Swift 4',
  backend: 'House backend',
  reserve: 'Reserve',
  chef: 'Chef 9',
  prepared: 'A prepared text',
}

/** Which routes serve which job, in order of preference. `yours` stands aside until there is a key. */
export const ladders: Readonly<Record<Job, readonly RouteName[]>> = {
  chat: ['yours', 'swift', 'backend', 'reserve'],
  week: ['chef', 'swift', 'backend'],
}

export const wires: Readonly<Record<RungName, string>> = {
  swift: 'OpenAI chat completions',
  backend: 'AI SDK message stream',
  reserve: 'OpenAI chat completions',
  chef: 'OpenAI chat completions, slow and thorough',
}

export function isRung(route: RouteName): route is RungName {
  return Object.hasOwn(wires, route)
}
