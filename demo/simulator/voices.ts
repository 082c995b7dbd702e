/** How each route of the simulator speaks. */
export interface Voice {
  readonly model: string
  /** Until the first token, ms. */
  readonly firstMs: number
  readonly tokensPerSecond: number
}

export type VoiceName = 'swift' | 'backend' | 'reserve'

/** `swift` is quick and thorough, `backend` steady and plainer, `reserve` brief. */
export const voices: Readonly<Record<VoiceName, Voice>> = {
  swift: { model: 'swift-4', firstMs: 380, tokensPerSecond: 58 },
  backend: { model: 'house-2', firstMs: 620, tokensPerSecond: 42 },
  reserve: { model: 'reserve-mini', firstMs: 240, tokensPerSecond: 75 },
}

export function isVoice(name: string | undefined): name is VoiceName {
  return name !== undefined && Object.hasOwn(voices, name)
}
