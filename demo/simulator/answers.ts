import { shelf } from './shelf.ts'
import type { Speaker, VoiceName } from './voices.ts'
import { weekFor } from './week.ts'

/** The answer of a route to the last of the questions; an unclear one is read as a wish for more. */
export function answerTo(questions: readonly string[], voice: VoiceName): string {
  const last = questions.at(-1) ?? ''
  const speaker = voice === 'chef' ? 'swift' : voice
  const topic = topicOf(last)
  if (topic) return topic[speaker]
  const earlier = questions.findLast((question) => topicOf(question))
  return earlier === undefined ? unknown[speaker] : (topicOf(earlier)?.more ?? unknown[speaker])
}

/** The answer where a plan of a week was asked for, as JSON. */
export function planFor(questions: readonly string[], voice: VoiceName): string {
  return JSON.stringify(weekFor(questions.at(-1) ?? '', voice))
}

const topicOf = (question: string) => shelf.find(({ about }) => about.test(question))

const unknown: Readonly<Record<Speaker, string>> = {
  swift: `That one is not on my shelf. I keep a small number of pages here, and each of them is about the kitchen:

- why a loaf did not rise
- what to use instead of buttermilk
- how to save a soup that is too salty
- three dinners from one bag of lentils
- when a roast chicken is done
- how to poach an egg
- how to keep herbs fresh

Ask me about any of these. To ask about anything else, put in an OpenAI key of your own under "Break a route", and the question goes to a real model.`,
  backend: `I have no page on that. I can help with bread, buttermilk, salty soup, lentils, roast chicken, eggs and herbs.

With an OpenAI key of your own, under "Break a route", you can ask anything.`,
  reserve: `I know about bread, buttermilk, soup, lentils, chicken, eggs and herbs. Try one of these.`,
}
