import {
  useContext,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type KeyboardEvent,
  type ReactElement,
} from 'react'
import { LLMContext } from '../LLMContext.ts'
import { Breakers } from './Breakers.tsx'
import { Charts } from './Charts.tsx'
import { findRuns, type Way } from './filter.ts'
import { Filters } from './Filters.tsx'
import type { Rung } from './ladder.ts'
import { createRecorder, NOTHING } from './recorder.ts'
import { Resize } from './Resize.tsx'
import { RunDetail } from './RunDetail.tsx'
import { RunList } from './RunList.tsx'
import { Rungs } from './Rungs.tsx'
import type { RungsDevtoolsProps } from './props.ts'
import { CSS } from './style.ts'

/** The panel's height, where it was moved. */
const HEIGHT: string = '--height'

export function Devtools({
  llm,
  initialIsOpen = false,
  isOpen: givenIsOpen,
  onClose,
  position = 'bottom-right',
  styleNonce,
  breakable,
}: RungsDevtoolsProps): ReactElement | null {
  const provided = useContext(LLMContext)
  const of = llm ?? provided
  if (of === null) {
    throw new TypeError('RungsDevtools needs an llm, or an <LLMProvider llm={llm}> above it.')
  }
  const [ownIsOpen, setIsOpen] = useState(initialIsOpen)
  const isOpen = givenIsOpen ?? ownIsOpen
  const [chosen, setChosen] = useState<string | null>(null)
  const [words, setWords] = useState('')
  const [way, setWay] = useState<Way | null>(null)
  const [height, setHeight] = useState<number | null>(null)
  const toggle = useRef<HTMLButtonElement>(null)
  const id = useId()
  const recorder = useMemo(() => createRecorder(of), [of])
  useEffect(() => recorder.listen(), [recorder])
  useEffect(() => (isOpen ? recorder.watch() : undefined), [recorder, isOpen])
  const { runs, samples, health } = useSyncExternalStore(
    recorder.subscribe,
    recorder.getSnapshot,
    () => NOTHING,
  )
  const found = findRuns(runs, words, way)
  // Until one is chosen, and when that one has gone, the newest.
  const record = found.find((run) => run.id === chosen) ?? found.at(-1)

  function turn(): void {
    setIsOpen(!isOpen)
    if (isOpen) onClose?.()
  }
  function leave({ key }: KeyboardEvent): void {
    if (key !== 'Escape' || !isOpen) return
    // Before the page is told: it may have a better place for the focus.
    toggle.current?.focus()
    turn()
  }

  // The page has a switch of its own.
  if (givenIsOpen === false) return null

  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- it hears what comes up from the buttons in it
    <div
      // The panel is in English, whatever the page is in.
      lang="en"
      dir="ltr"
      className={`rungs-dt ${position} ${isOpen ? 'open' : 'closed'}`}
      style={height === null ? undefined : { [HEIGHT]: `${height}px` }}
      onKeyDown={leave}
    >
      <style nonce={styleNonce}>{CSS}</style>
      {/* One button for both, so that the focus has nowhere to get lost. */}
      <button
        ref={toggle}
        type="button"
        className="toggle"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={turn}
      >
        {isOpen ? 'Close' : 'Rungs'}
      </button>
      <section id={id} aria-label="Rungs devtools" hidden={!isOpen}>
        {isOpen && (
          <>
            <header>
              <strong>Rungs</strong>
              <span>{runs.length === 1 ? '1 run' : `${runs.length} runs`}</span>
              <button type="button" onClick={recorder.clear} disabled={runs.length === 0}>
                Clear
              </button>
            </header>
            <Resize isAtTop={position.startsWith('top')} height={height} onHeight={setHeight} />
            <div className="body">
              <div className="side">
                <Filters {...{ runs, words, way }} onWords={setWords} onWay={setWay} />
                <RunList runs={found} chosen={record?.id ?? null} onChoose={setChosen} />
              </div>
              <div className="detail">
                {record ? (
                  <RunDetail key={record.id} record={record} health={health} />
                ) : (
                  <div>
                    <p>
                      {runs.length === 0
                        ? 'No run yet. The next one appears here.'
                        : 'No run matches.'}
                    </p>
                    <h2>Routes</h2>
                    <Rungs health={health} rungs={Object.keys(health).map(untried)} />
                  </div>
                )}
                {breakable && <Breakers routes={breakable} />}
                <Charts samples={samples} />
              </div>
            </div>
          </>
        )}
      </section>
    </div>
  )
}

function untried(route: string): Rung {
  return { route, fate: null, tone: 'live', isOut: false, notes: [] }
}
