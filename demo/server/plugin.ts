import type { ServerResponse } from 'node:http'
import { join, resolve } from 'node:path'
import type { Connect, Plugin } from 'vite'
import { simulate } from '../simulator/simulate.ts'
import { servePage } from './nonce.ts'
import { openTeam, type Team } from './team.ts'

/**
 * The product's server, in development and in the preview of a build: the simulated routes under `/sim/`, the
 * collector at `/rungs/reports`, and what the team's questions come to at `/team`. A real product keeps the last
 * behind its own login. The reports are in `.larder/reports.duckdb`, or where `LARDER_REPORTS` says.
 */
export function larder(policy: (nonce: string) => string): Plugin {
  return {
    name: 'larder',
    async configureServer({ middlewares, config, httpServer }) {
      const team = await mount(middlewares, config.root)
      httpServer?.once('close', () => void team?.close())
    },
    async configurePreviewServer({ middlewares, config, httpServer }) {
      const team = await mount(middlewares, config.root)
      httpServer.once('close', () => void team?.close())
      middlewares.use(servePage(resolve(config.root, config.build.outDir), policy))
    },
  }
}

async function mount(middlewares: Connect.Server, root: string): Promise<Team | null> {
  middlewares.use(simulate)
  const file = process.env['LARDER_REPORTS'] ?? join(root, '.larder', 'reports.duckdb')
  const team = await openTeam(file)
  if ('problem' in team) {
    console.warn(`${team.problem} The demo works without its team's view.`)
    middlewares.use(
      '/team',
      reply(503, () => Promise.resolve(team)),
    )
    return null
  }
  console.log(`  Reports are kept in ${team.file}`)
  middlewares.use('/rungs', team.listener)
  middlewares.use(
    '/team',
    reply(200, () => team.ask()),
  )
  return team
}

function reply(status: number, answer: () => Promise<object>): Connect.NextHandleFunction {
  const send = async (response: ServerResponse): Promise<void> => {
    const body = JSON.stringify(await answer())
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(body)
  }
  return (_request, response) => {
    send(response).catch((error: unknown) => {
      console.error(error)
      response.writeHead(500).end()
    })
  }
}
