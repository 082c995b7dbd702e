// What an app would write itself: fetch and eventsource-parser, next route when nothing was shown yet.
import { createParser } from 'eventsource-parser'

export async function stream(
  baseUrls: readonly string[],
  onText: (text: string) => void,
): Promise<string> {
  let last: unknown
  for (const baseUrl of baseUrls) {
    const seen = { any: false }
    try {
      return await one(baseUrl, (text) => {
        seen.any = true
        onText(text)
      })
    } catch (error) {
      last = error
      if (seen.any) throw error
    }
  }
  throw last
}

async function one(baseUrl: string, onText: (text: string) => void): Promise<string> {
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
    body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] }),
  })
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`)
  let text = ''
  let isDone = false
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') {
        isDone = true
        return
      }
      const chunk = JSON.parse(data)
      if (chunk.error) throw new Error('the provider broke')
      const piece = chunk.choices[0]?.delta?.content
      if (piece) {
        text += piece
        onText(piece)
      }
    },
  })
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    parser.feed(decoder.decode(value, { stream: true }))
  }
  if (!isDone) throw new Error('the stream ended early')
  return text
}
