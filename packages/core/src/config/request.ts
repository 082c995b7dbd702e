import type { Config } from '../words/policy.ts'
import type { RunRequest } from '../words/request.ts'
import {
  anything,
  attributes,
  each,
  isRecord,
  kindOf,
  list,
  nameLike,
  number,
  object,
  oneOf,
  text,
  type Check,
  type Report,
} from './checks.ts'
import { FLAG, LIMITS } from './shapes.ts'

const answerable: Check = (value, path, report) => {
  if (typeof value !== 'function') FLAG(value, path, report)
}
const signalLike: Check = (value, path, report) => {
  if (value !== undefined && !(isRecord(value) && typeof value['addEventListener'] === 'function'))
    report(path, `must be an AbortSignal, is ${kindOf(value)}`)
}
const messageFields = object(
  { role: oneOf('role', ['system', 'user', 'assistant', 'tool']), content: anything },
  'a message',
)
const PART = oneOf('part', ['text', 'image', 'reasoning', 'tool-call', 'tool-result'])
const partLike: Check = (value, path, report) => {
  if (isRecord(value)) PART(value['type'] ?? '', `${path}.type`, report)
  else report(path, `must be a part, is ${kindOf(value)}`)
}

/** A validator of the Standard Schema kind, or one beside its JSON Schema. */
const schemaLike: Check = (value, path, report) => {
  if (value === undefined) return
  const schema = isRecord(value) && 'schema' in value ? value['schema'] : value
  const isSchema = (typeof schema === 'object' || typeof schema === 'function') && schema !== null
  if (!isSchema || !('~standard' in schema)) {
    report(path, `must be a Standard Schema (Zod, Valibot, ArkType …), is ${kindOf(value)}`)
  }
}
const toolFields = object({ description: text, input: schemaLike }, 'a tool')
const toolLike: Check = (value, path, report) => {
  toolFields(value, path, report)
  if (isRecord(value) && value['input'] === undefined) report(`${path}.input`, 'must be a schema')
}

const messageLike: Check = (value, path, report) => {
  messageFields(value, path, report)
  const content = isRecord(value) ? value['content'] : ''
  if (Array.isArray(content)) list(partLike)(content, `${path}.content`, report)
  else if (typeof content !== 'string') {
    report(`${path}.content`, `must be a text or a list of parts, is ${kindOf(content)}`)
  }
}

/** Check a request. Throws one TypeError that lists every problem. What is only planned need not ask anything yet. */
export function checkRequest(
  { workloads, tiers, defaultTier }: Config<string, string, string>,
  request: RunRequest,
  isRun: boolean,
): void {
  const problems: string[] = []
  const report: Report = (path, message) => problems.push(`${path}: ${message}`)
  if (!isRecord(request))
    throw new TypeError(
      `${isRun ? 'run' : 'explain'}: must be given a request, is ${kindOf(request)}`,
    )
  object(
    {
      workload: oneOf('workload', Object.keys(workloads)),
      tier: oneOf('tier', Object.keys(tiers ?? {})),
      surface: nameLike,
      thread: nameLike,
      messages: list(messageLike),
      prompt: (value, path) => {
        if (value !== undefined && typeof value !== 'string')
          report(path, `must be a text, is ${kindOf(value)}`)
      },
      system: text,
      tools: each(toolLike),
      output: schemaLike,
      maxOutputTokens: number(1),
      temperature: number(0),
      reasoning: oneOf('effort', ['none', 'low', 'medium', 'high']),
      limits: LIMITS,
      canConfirm: answerable,
      signal: signalLike,
      gestureAt: number(0),
      attributes,
    },
    'a request',
  )(request, '', report)
  if (request.workload === undefined) report('workload', 'must be named')
  if (tiers && request.tier === undefined && defaultTier === undefined) {
    report('tier', 'must be named: the config has tiers and no defaultTier')
  }
  if (isRun && request.prompt === undefined && !request.messages?.length) {
    report('prompt', 'must be given, or messages')
  }
  if (problems.length > 0)
    throw new TypeError(`${isRun ? 'run' : 'explain'}: ${problems.join('; ')}`)
}
