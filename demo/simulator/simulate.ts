import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerTo, planFor } from './answers.ts'
import { FAULT_HEADER, isFault } from './faults.ts'
import { isForJson, questionsOf } from './question.ts'
import { type Reply, send } from './send.ts'
import { aiSdkShape, openaiShape } from './shapes.ts'
import { isVoice, voices } from './voices.ts'

const BODY_LIMIT = 1_000_000

/**
 * Answers `POST /sim/<route>/v1/chat/completions` (OpenAI's wire) and `POST /sim/<route>/api/chat`
 * (the AI SDK's), in the way that the request's `x-sim-fault` header asks for. Everything else goes to
 * `next`. Work stops when the client is gone.
 */
export function simulate(req: IncomingMessage, res: ServerResponse, next: () => void): void {
  const path = /^\/sim\/(\w+)\/(v1\/chat\/completions|api\/chat)$/.exec(req.url ?? '')
  const name = path?.[1]
  if (!path || !isVoice(name)) return next()
  if (req.method !== 'POST') return void res.writeHead(405, { allow: 'POST' }).end()

  const fault = req.headers[FAULT_HEADER]
  const voice = voices[name]
  const reply = (body: string): Reply => {
    const questions = questionsOf(body)
    return {
      voice,
      fault: isFault(fault) ? fault : 'healthy',
      text: isForJson(body) ? planFor(questions, name) : answerTo(questions, name),
      shape:
        path[2] === 'api/chat'
          ? aiSdkShape()
          : openaiShape(voice.model, Math.ceil(questions.join(' ').length / 4)),
    }
  }
  read(req)
    .then((body) => send(res, reply(body)))
    .catch(() => res.destroy())
}

async function read(req: IncomingMessage): Promise<string> {
  let body = ''
  req.setEncoding('utf8')
  for await (const part of req) {
    body += part
    if (body.length > BODY_LIMIT) throw new Error('The request is too large.')
  }
  return body
}
