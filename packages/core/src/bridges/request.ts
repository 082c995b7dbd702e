import { APPEND_ONLY } from '../run/appendOnly.ts'
import type { LLM } from '../llm.ts'
import type { Run } from '../words/event.ts'
import type { RunRequest } from '../words/request.ts'

/** What a bridge cannot know of a run: its workload and tier, where it was started, who can answer a question. */
export type BridgeRequest<Job extends string, Level extends string> = Omit<
  RunRequest<Job, Level>,
  'messages' | 'prompt' | 'signal'
>

/** The same for every call, or asked for each. */
export type Resolvable<Request, Call> = Request | ((call: Call) => Request)

/** The part of an LLM that a bridge uses. */
export type Runs<Name extends string, Job extends string, Level extends string> = Pick<
  LLM<Name, Job, Level>,
  'run'
>

export function resolve<Request extends object, Call>(
  given: Resolvable<Request, Call>,
  call: Call,
): Request {
  return typeof given === 'function' ? given(call) : given
}

/** Start a run whose answer goes where nothing can be taken back, unless `canRetract`. */
export function start<Name extends string, Job extends string, Level extends string>(
  llm: Runs<Name, Job, Level>,
  request: RunRequest<Job, Level>,
  canRetract: boolean,
): Run<Name> {
  return llm.run(canRetract ? request : Object.assign({ [APPEND_ONLY]: true }, request))
}

/** The id of a conversation as the name of a thread, which is shorter and of fewer characters. */
export function threadOf(id: string): string {
  return id.replaceAll(/[^\w.:/@-]/g, '_').slice(-64)
}

/** What belongs to the run that answers a conversation now, until that has ended; what nobody has heard by then stays. */
export async function keepLive<Value>(
  lives: Map<string, Value>,
  conversation: string,
  value: Value,
  run: Run,
  isHeard: () => boolean = () => true,
): Promise<void> {
  lives.set(conversation, value)
  await run.outcome
  if (lives.get(conversation) === value && isHeard()) lives.delete(conversation)
}
