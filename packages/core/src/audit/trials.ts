import type { Look } from './finding.ts'

/** Experiments, hold-outs and reviews that tell nothing, as they are set up. */
export function findIdle({ config, scenes, note }: Look): void {
  for (const [job, { experiment, holdOut }] of Object.entries(config.workloads)) {
    const mine = scenes.filter(({ workload }) => workload === job)
    if (experiment) {
      const path = `workloads.${job}.experiment`
      const isIn = mine.some(({ ladderAt }) => ladderAt.startsWith(`workloads.${job}.`))
      if (!isIn) note('warning', path, 'every tier has a ladder of its own, so nobody is in it')
      const arms = Object.entries(experiment.arms)
      if (arms.length === 1) note('warning', path, 'one arm alone is compared with nothing')
      for (const [index, [name, { ladder }]] of arms.entries()) {
        const twin = arms
          .slice(0, index)
          .find(([, other]) => String(other.ladder) === String(ladder))
        if (twin)
          note(
            'warning',
            `${path}.arms.${name}`,
            `is the same as ${twin[0]}: there is nothing to compare`,
          )
      }
    }
    if (holdOut) {
      const path = `workloads.${job}.holdOut`
      const canHold = mine.some(
        ({ terms, chain }) => terms.holdOut && terms.require.length === 0 && chain.length > 1,
      )
      const message =
        'is never used: nobody is held out where a route has to carry certain tags, or where no other route follows'
      if (!canHold) note('warning', path, message)
    }
  }
  for (const [level, { reviewBelow = 0 }] of Object.entries(config.tiers ?? {})) {
    const served = scenes.filter(({ tier }) => tier === level).flatMap(({ chain }) => chain)
    const best = Math.max(...served.map(({ quality }) => quality))
    if (served.length > 0 && best < reviewBelow) {
      note(
        'warning',
        `tiers.${level}.reviewBelow`,
        `every answer is marked for review: the best route that may serve has a quality of ${best}, ${reviewBelow} is asked for`,
      )
    }
  }
}
