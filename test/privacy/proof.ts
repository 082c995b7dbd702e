// pnpm proof:privacy: secrets told by every way in, and looked for in all that leaves the page, 10,000 times.
import { fuzz } from './fuzz.ts'

const cases = Number(process.argv[2] ?? 10_000)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
const { bytes, leaks } = await fuzz(cases, seed)
for (const leak of leaks.slice(0, 20)) console.log(`LEAK ${leak}`)
const looked = Object.entries(bytes).map(
  ([where, count]) => `${(count / 1e6).toFixed(1)} MB of ${where}`,
)
console.log(`seed ${seed}: ${cases} cases, ${leaks.length} leaks in ${looked.join(', ')}`)
process.exitCode = leaks.length === 0 ? 0 : 1
