import type { Plugin } from 'vite'
import { simulate } from './simulate.ts'

/** Serves the simulated routes under `/sim/`, in development and in the preview of a build. */
export function simulator(): Plugin {
  return {
    name: 'simulator',
    configureServer(server) {
      server.middlewares.use(simulate)
    },
    configurePreviewServer(server) {
      server.middlewares.use(simulate)
    },
  }
}
