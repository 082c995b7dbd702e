import { defineConfig, type UserConfig } from 'tsdown'

const config: UserConfig = defineConfig({
  entry: ['src/index.ts', 'src/cli.ts'],
  format: 'esm',
  platform: 'node',
  target: 'node22',
  dts: { entry: ['src/index.ts'] },
  sourcemap: true,
  fixedExtension: false,
})
export default config
