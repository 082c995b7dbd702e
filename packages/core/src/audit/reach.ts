import { namesOf, type Scene } from './scene.ts'
import { placeOf, type Look } from './finding.ts'

/** A place in the config that names a route, and the settings that come to it. */
interface Place {
  readonly name: string
  readonly scenes: Scene[]
}

/** Rungs that nobody comes to, list entries that may not serve, routes that nothing names. */
export function findUnreachable(look: Look): void {
  const { config, scenes, note } = look
  for (const [path, { name, scenes: users }] of placesOf(look)) {
    const exclusionOf = ({ plan }: Scene): Scene['plan']['excluded'][number] | undefined =>
      plan.excluded.find(({ route }) => route === name)
    if (users.some((scene) => !exclusionOf(scene))) continue
    // A ladder without any route, a price that is not there and a first rung that is too slow are told apart.
    const isFirst = path.endsWith('[0]')
    const told = users.filter((scene) => {
      const why = exclusionOf(scene)?.why
      const isElsewhere = why === 'price-unknown' || (why === 'too-slow' && isFirst)
      return scene.chain.length > 0 && !isElsewhere
    })
    if (told.length === 0) continue
    const reasons = new Set(told.map((scene) => exclusionOf(scene)?.because))
    const whys =
      reasons.size === 1
        ? [...reasons]
        : told.map((scene) => `for ${scene.tier ?? scene.arm}, ${exclusionOf(scene)?.because}`)
    note('warning', path, `${name} can serve nobody here: ${whys.join('; ')}`)
  }
  for (const scene of scenes) {
    const { ladder } = scene.terms
    const end = ladder.findIndex((name) => scene.input.candidates.get(name)?.isCanned)
    for (const [index, name] of ladder.entries()) {
      if (end < 0 || index <= end) continue
      const message = `${name} stands behind ${ladder[end]}, which always answers`
      note('warning', `${scene.ladderAt}[${index}]`, message, scene)
    }
  }
  const named = namedIn(config)
  for (const name of namesOf(config.routes)) {
    if (!named.has(name))
      note('warning', `routes.${name}`, 'no ladder, list or safe answer names it')
  }
}

/** Every route that a config names anywhere. */
function namedIn({ workloads, tiers = {} }: Look['config']): ReadonlySet<string | undefined> {
  const jobs = Object.values(workloads)
  const levels = Object.values(tiers)
  const rules = [...jobs, ...levels].flatMap(({ on = {} }) => Object.values(on))
  return new Set([
    ...jobs.map(({ safe }) => safe),
    ...jobs.flatMap(({ ladder }) => ladder),
    ...jobs.flatMap(({ experiment }) =>
      Object.values(experiment?.arms ?? {}).flatMap((arm) => arm.ladder),
    ),
    ...levels.flatMap(({ ladders = {} }) => Object.values(ladders).flatMap((one) => one ?? [])),
    ...rules.flatMap((rule) => (typeof rule === 'object' ? rule : [])),
  ])
}

function placesOf(look: Look): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  for (const scene of look.scenes) {
    const lists = Object.entries(scene.terms.on).flatMap(([kind, rule]) =>
      typeof rule === 'object' ? [[placeOf(look, scene, 'on', kind), rule] as const] : [],
    )
    for (const [path, names] of [[scene.ladderAt, scene.terms.ladder] as const, ...lists]) {
      for (const [index, name] of names.entries()) {
        const place = places.get(`${path}[${index}]`) ?? { name, scenes: [] }
        place.scenes.push(scene)
        places.set(`${path}[${index}]`, place)
      }
    }
  }
  return places
}
