import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Connect } from 'vite'

/** What the build writes where a nonce goes. */
export const NONCE = 'larder-nonce'

/** Serves the built page with a nonce of its own for styles, which the developer panel needs. */
export function servePage(
  folder: string,
  policy: (nonce: string) => string,
): Connect.NextHandleFunction {
  return (request, response, next) => {
    const { pathname } = new URL(request.url ?? '/', 'http://larder')
    if (request.method !== 'GET' || !['/', '/index.html'].includes(pathname)) return next()
    const html = readFileSync(join(folder, 'index.html'), 'utf8')
    const nonce = randomBytes(16).toString('base64')
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.setHeader('cache-control', 'no-store')
    response.setHeader('content-security-policy', policy(nonce))
    response.end(html.replaceAll(NONCE, nonce))
  }
}
