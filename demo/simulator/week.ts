import type { VoiceName } from './voices.ts'

/** A plan as the page asks for it. */
interface Week {
  readonly title: string
  readonly days: readonly {
    readonly day: string
    readonly dish: string
    readonly minutes: number
    readonly note: string
  }[]
  readonly shopping: readonly string[]
}

/** Five dinners, by `chef` with care, by anyone else in a hurry. */
export function weekFor(question: string, voice: VoiceName): Week {
  const people = /for (\d+)/.exec(question)?.[1] ?? '2'
  return voice === 'chef' ? careful(people) : plain(people)
}

const day = (name: string, dish: string, minutes: number, note: string) => ({
  day: name,
  dish,
  minutes,
  note,
})

function careful(people: string): Week {
  return {
    title: `Five dinners for ${people}, one pot of lentils`,
    days: [
      day(
        'Monday',
        'Warm lentils, soft egg, mustard',
        25,
        'Boil the whole bag tonight, unsalted. A third goes into the bowl while it is hot; the rest keeps until Friday.',
      ),
      day(
        'Tuesday',
        'Charred cabbage with lemon butter',
        35,
        'Quarter it through the stem so that it holds. The outer leaves you trim off are tomorrow’s soup.',
      ),
      day(
        'Wednesday',
        'Cabbage and white bean soup',
        30,
        'Starts with yesterday’s leaves and the lentils’ own broth. Finish with lemon, not salt.',
      ),
      day(
        'Thursday',
        'Lentil ragù on wide noodles',
        40,
        'The second third of the pot. Half an hour is enough if the tomato paste has browned first.',
      ),
      day(
        'Friday',
        'Crisp lentil cakes, yoghurt, pickles',
        30,
        'By now the lentils are dry, which is what cakes want. Fry them in the fat left from Tuesday.',
      ),
    ],
    shopping: [
      'Eggs',
      'Butter',
      'A tin of white beans',
      'A tin of tomatoes, tomato paste',
      'Wide noodles',
      'Yoghurt',
      'Something pickled',
    ],
  }
}

function plain(people: string): Week {
  return {
    title: `Five dinners for ${people}`,
    days: [
      day('Monday', 'Lentil salad', 25, 'With mustard dressing and a boiled egg.'),
      day('Tuesday', 'Fried cabbage and rice', 25, 'Add lemon at the end.'),
      day('Wednesday', 'Vegetable soup', 30, 'Whatever is left of the cabbage.'),
      day('Thursday', 'Pasta with lentil sauce', 30, 'A tin of tomatoes, half an hour.'),
      day('Friday', 'Omelette and salad', 15, 'For a short evening.'),
    ],
    shopping: ['Eggs', 'Rice', 'A tin of tomatoes', 'Pasta', 'Salad leaves'],
  }
}
