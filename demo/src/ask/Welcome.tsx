import type { SyntheticEvent, ReactNode } from 'react'

const suggestions = [
  'Why didn’t my bread rise?',
  'What can I use instead of buttermilk?',
  'My soup is too salty. Can I save it?',
  'Plan three dinners from a bag of lentils',
  'How do I know a roast chicken is done?',
]

/** Before the first question: what can be asked. */
export function Welcome({
  onAsk,
}: {
  onAsk: (question: string, event: SyntheticEvent) => void
}): ReactNode {
  return (
    <section className="welcome" aria-labelledby="welcome">
      <h2 id="welcome">What is on the stove?</h2>
      <p>Ask about anything you cook, bake, keep or rescue. Or begin with one of these.</p>
      <ul>
        {suggestions.map((question) => (
          <li key={question}>
            <button type="button" onClick={(event) => onAsk(question, event)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
