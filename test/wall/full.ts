// The sixteen scenarios with their full times, on the real clock, over what is published.
import { collectOften } from './garbage.ts'
import { judge } from './judge.ts'
import { play } from './play.ts'
import { createRungs } from './rungs.ts'
import { scenarios } from './scenarios.ts'
import { buildWall } from './wall.ts'

const leaveGarbage = collectOften(1000)
const wall = await buildWall(1)
const verdicts = await Promise.all(
  scenarios.map(async (scenario) => {
    const verdict = judge(scenario, await play(wall, scenario, createRungs))
    console.log(`${scenario.id} ${verdict.is.padEnd(7)} ${scenario.title}: ${verdict.why}`)
    for (const { id, isMet, detail, level } of verdict.findings) {
      if (!isMet) console.log(`    ${level} and missed: ${id} (${detail})`)
    }
    return verdict
  }),
)
await wall.close()
leaveGarbage()

const passed = verdicts.filter(({ is }) => is === 'pass').length
console.log('Judged otherwise than FailoverBench does:')
for (const { id, differs } of scenarios)
  if (differs !== undefined) console.log(`  ${id}: ${differs}`)
console.log(`${passed} of ${scenarios.length}`)
process.exitCode = passed === scenarios.length ? 0 : 1
