import type { KeyedRouteOptions, Route } from '../words/route.ts'
import { decodeChat, encodeChat } from './chat.ts'
import { createKeyedRoute } from './keyed.ts'

const OWN_API = 'https://api.openai.com/v1'
/** Mistral takes tool call ids of exactly nine letters and digits. */
const MISTRAL = /(^|\.)mistral\.ai$/
/** OpenAI's own hosts, regional ones and Azure's included. */
const OWN_HOSTS = /(^|\.)(api\.openai|openai\.azure)\.com$/

/**
 * A route to OpenAI's Chat Completions, or to any host that speaks it (`baseUrl`).
 * Format: https://platform.openai.com/docs/api-reference/chat/streaming
 *
 * @example
 * openai({ model: 'gpt-5-mini', apiKey: () => session.openaiKey, quality: 0.8 })
 */
export function openai(options: KeyedRouteOptions): Route {
  return createKeyedRoute(options, {
    protocol: 'openai',
    baseUrl: OWN_API,
    abilities: ['text', 'image', 'tools', 'json', 'reasoning'],
    path: () => 'chat/completions',
    authorize: (key) => ({ authorization: `Bearer ${key}` }),
    // Other hosts know only the older name; OpenAI's reasoning models only the newer one.
    encode: (request, { model, baseUrl = OWN_API }) =>
      encodeChat(
        request,
        model,
        OWN_HOSTS.test(hostOf(baseUrl)) ? 'max_completion_tokens' : 'max_tokens',
        MISTRAL.test(hostOf(baseUrl)) ? /^[a-zA-Z0-9]{9}$/ : undefined,
      ),
    decode: decodeChat,
  })
}

function hostOf(address: string): string {
  return URL.parse(address)?.hostname ?? ''
}
