import type { Keyring, KeyStatus, Route } from '@rungs/core'
import {
  useCallback,
  useId,
  useRef,
  useState,
  useSyncExternalStore,
  type ComponentPropsWithoutRef,
  type ReactElement,
  type ReactNode,
  type SyntheticEvent,
} from 'react'

/** What `KeyForm` says. Each can be replaced. `last4` are the last characters of the key, null for a short one. */
export interface KeyWords {
  readonly label: (provider: string) => ReactNode
  readonly save: ReactNode
  readonly remove: ReactNode
  readonly unlock: ReactNode
  readonly set: (last4: string | null) => ReactNode
  readonly locked: (last4: string | null) => ReactNode
  readonly rejected: (last4: string | null) => ReactNode
  readonly checking: ReactNode
  readonly accepted: (last4: string | null) => ReactNode
  readonly unreachable: ReactNode
  /** What was typed cannot be a key. */
  readonly odd: ReactNode
}

const ending = (last4: string | null): string => (last4 === null ? '' : ` that ends in ${last4}`)
const defaults: KeyWords = {
  label: (provider) => `Your key for ${provider}`,
  save: 'Save',
  remove: 'Remove the key',
  unlock: 'Unlock the key',
  set: (last4) => `A key${ending(last4)} is in use.`,
  locked: (last4) => `A key${ending(last4)} is stored, and could not be opened.`,
  rejected: (last4) => `The key${ending(last4)} was refused.`,
  checking: 'The key is being tried …',
  accepted: (last4) => `The key${ending(last4)} works.`,
  unreachable: 'The key is saved. It could not be tried, for nobody answered.',
  odd: 'This is no key: it is empty, or has characters that no key has.',
}

/** What is known beside the status that the keyring holds. */
type Verdict = 'checking' | 'accepted' | 'unreachable' | 'odd' | null

export interface KeyFormProps extends Omit<
  ComponentPropsWithoutRef<'form'>,
  'children' | 'onSubmit' | 'action' | 'method'
> {
  readonly keyring: Keyring
  /** The name of the key in the keyring. */
  readonly provider: string
  /** What the provider is called in front of people. Default: `provider`. */
  readonly providerName?: string | undefined
  /** A key that was saved is tried on this route, by one short call that its owner pays. Without it no key is tried. */
  readonly route?: Route | undefined
  readonly words?: Partial<KeyWords> | undefined
}

/**
 * Takes the user's own key into a keyring, and says how it stands. The key is in the password field until it
 * is sent and nowhere else in the page: the field is emptied at once, has no name, and React is not told of it.
 *
 * @example
 * <KeyForm keyring={keyring} provider="anthropic" providerName="Anthropic" route={mine} />
 */
export function KeyForm({
  keyring,
  provider,
  providerName = provider,
  route,
  words,
  ...rest
}: KeyFormProps): ReactElement {
  const say: KeyWords = { ...defaults, ...words }
  const { status, last4 } = useKey(keyring, provider)
  const [verdict, setVerdict] = useState<Verdict>(null)
  const field = useRef<HTMLInputElement>(null)
  const fieldId = useId()
  const newsId = useId()

  async function save(key: string): Promise<void> {
    try {
      await keyring.set(provider, key)
    } catch {
      setVerdict('odd')
      return
    }
    setVerdict(route ? 'checking' : null)
    if (!route) return
    let verdictNow: Verdict = null
    try {
      const said = await keyring.check(provider, route)
      // What was refused, the keyring knows, and it is told when another key takes its place.
      if (said !== 'rejected') verdictNow = said
    } finally {
      setVerdict(verdictNow)
    }
  }
  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const { current } = field
    if (!current || verdict === 'checking') return
    const key = current.value
    current.value = ''
    void save(key)
  }
  function remove(): void {
    setVerdict(null)
    // The button that has the focus goes.
    field.current?.focus()
    void keyring.remove(provider)
  }

  return (
    <form
      {...rest}
      onSubmit={submit}
      data-rungs-key={status}
      data-verdict={verdict ?? undefined}
      autoComplete="off"
    >
      <label htmlFor={fieldId}>{say.label(providerName)}</label>
      <input
        ref={field}
        id={fieldId}
        type="password"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        aria-describedby={newsId}
        aria-invalid={verdict === 'odd' || status === 'rejected'}
      />
      <button type="submit" data-rungs-action="save">
        {say.save}
      </button>
      {status === 'locked' && (
        <button
          type="button"
          data-rungs-action="unlock"
          onClick={() => {
            field.current?.focus()
            void keyring.unlock(provider)
          }}
        >
          {say.unlock}
        </button>
      )}
      {status !== 'empty' && (
        <button type="button" data-rungs-action="remove" onClick={remove}>
          {say.remove}
        </button>
      )}
      <output id={newsId} dir="auto" data-rungs-says="">
        {news(say, verdict, status, last4)}
      </output>
    </form>
  )
}

const nothing: KeyStatus = { status: 'empty', last4: null }

function useKey({ store }: Keyring, provider: string): KeyStatus {
  const subscribe = useCallback((onChange: () => void) => store.subscribe(onChange), [store])
  const all = useSyncExternalStore(
    subscribe,
    () => store.getState(),
    () => store.getInitialState(),
  )
  return (Object.hasOwn(all, provider) && all[provider]) || nothing
}

function news(
  say: KeyWords,
  verdict: Verdict,
  status: KeyStatus['status'],
  last4: string | null,
): ReactNode {
  if (verdict === 'odd' || verdict === 'checking') return say[verdict]
  if (status === 'empty') return null
  if (status !== 'set') return say[status](last4)
  return verdict === 'unreachable' ? say.unreachable : say[verdict ?? 'set'](last4)
}
