import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { isRecord } from '../config/checks.ts'
import type { Config } from '../words/policy.ts'

/** What the person who called can mend; its message is one line. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

/** What only a page has. */
const OF_PAGE =
  /\b(?:window|document|location|navigator|localStorage|sessionStorage) is not defined/

/** A config out of a file, as Vite loads it with the project's own configuration. */
export async function loadConfig(file: string): Promise<Config<string, string, string>> {
  const path = resolve(file)
  if (!existsSync(path)) throw new Refusal(`there is no ${file} in ${process.cwd()}`)
  const vite = await import('vite').catch(() => {
    throw new Refusal(
      'it loads a config through Vite, which is not here: npm install --save-dev vite',
    )
  })
  const found = await loadWith(vite, path).catch((error: unknown) => {
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    const [line = ''] = said.split('\n')
    const hint = OF_PAGE.test(said) ? ': a config file has to load without a page' : ''
    throw new Refusal(`${file} does not load (${line})${hint}`)
  })
  const config = found['default'] ?? found['config']
  if (!isConfig(config)) {
    throw new Refusal(
      `${file} exports no config: export default defineConfig({ routes, workloads })`,
    )
  }
  return config
}

async function loadWith(
  { createServer, normalizePath }: typeof import('vite'),
  path: string,
): Promise<Record<string, unknown>> {
  const server = await createServer({
    appType: 'custom',
    logLevel: 'silent',
    optimizeDeps: { noDiscovery: true, include: [] },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  })
  try {
    return await server.ssrLoadModule(normalizePath(path))
  } finally {
    await server.close()
  }
}

/** As far as it is known to be meant as one; the audit checks it whole. */
function isConfig(value: unknown): value is Config<string, string, string> {
  return isRecord(value) && 'routes' in value
}
