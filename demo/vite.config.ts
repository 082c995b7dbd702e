import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type UserConfigFnObject } from 'vite'
import { simulator } from './simulator/plugin.ts'

// what a product that talks to its own server and, with a user's key, to one provider needs
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' https://api.openai.com",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const config: UserConfigFnObject = defineConfig(({ command }) => ({
  plugins: [react({ compiler: true }), simulator()],
  // dev serves the packages' sources; the build takes their dist, as an outside user's would
  resolve: {
    conditions: [...(command === 'serve' ? ['@rungs/source'] : []), ...defaultClientConditions],
  },
  preview: { headers: { 'content-security-policy': CONTENT_SECURITY_POLICY } },
}))
export default config
