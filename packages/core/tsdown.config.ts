import { defineConfig, type UserConfig } from 'tsdown'

const shared: UserConfig = {
  format: 'esm',
  platform: 'neutral',
  target: 'es2023',
  dts: true,
  sourcemap: true,
  fixedExtension: false,
}

const config: UserConfig[] = defineConfig([
  { ...shared, entry: ['src/index.ts', 'src/catalog.ts', 'src/telemetry.ts', 'src/testing.ts'] },
  // Apart: what an app loads is cut into other pieces by what it shares with this, and 0.5 kB larger.
  {
    ...shared,
    entry: { audit: 'src/audit.ts', cli: 'src/cli/rungs.ts' },
    // The command line runs in Node, with the Vite of the project that it is in.
    deps: { neverBundle: [/^node:/, 'vite'] },
    clean: false,
  },
  // Apart for the same reason; a bridge brings the little that it shares with the rest.
  {
    ...shared,
    entry: {
      'ai-sdk': 'src/bridges/ai-sdk.ts',
      fetch: 'src/bridges/fetch.ts',
      'tanstack-ai': 'src/bridges/tanstack-ai.ts',
    },
    clean: false,
  },
])
export default config
