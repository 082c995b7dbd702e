/** How each route of the simulator speaks. */
export interface Voice {
  readonly model: string
  /** Until the first token, ms. */
  readonly firstMs: number
  readonly tokensPerSecond: number
}

/** Who answers questions; `chef` plans weeks only. */
export type Speaker = 'swift' | 'backend' | 'reserve'
export type VoiceName = Speaker | 'chef'

/** `swift` is quick and thorough, `backend` steady and plainer, `reserve` brief, `chef` takes its time. */
export const voices: Readonly<Record<VoiceName, Voice>> = {
  swift: { model: 'swift-4', firstMs: 380, tokensPerSecond: 58 },
  backend: { model: 'house-2', firstMs: 620, tokensPerSecond: 42 },
  chef: { model: 'chef-9', firstMs: 6200, tokensPerSecond: 70 },
  reserve: { model: 'reserve-mini', firstMs: 240, tokensPerSecond: 75 },
}

export function isVoice(name: string | undefined): name is VoiceName {
  return name !== undefined && Object.hasOwn(voices, name)
}
