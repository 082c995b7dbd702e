import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type UserConfigFnObject } from 'vite'
import { NONCE } from './server/nonce.ts'
import { larder } from './server/plugin.ts'

// what a product that talks to its own server and, with a user's key, to one provider needs
const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self' https://api.openai.com",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const config: UserConfigFnObject = defineConfig(({ command }) => ({
  plugins: [react({ compiler: true }), larder(policy)],
  html: { cspNonce: NONCE },
  // dev serves the packages' sources; the build takes their dist, as an outside user's would
  resolve: {
    conditions: [...(command === 'serve' ? ['@rungs/source'] : []), ...defaultClientConditions],
  },
}))
export default config
