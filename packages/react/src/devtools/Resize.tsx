import { useRef, type KeyboardEvent, type PointerEvent, type ReactElement } from 'react'

const STEP_PX = 40
const LEAST_PX = 160

/** The panel's edge, to be dragged or moved with the arrow keys. */
export function Resize({
  isAtTop,
  height,
  onHeight,
}: {
  /** The panel is at the top of the page, and its edge below it. */
  readonly isAtTop: boolean
  /** px; null until it was moved. */
  readonly height: number | null
  readonly onHeight: (px: number) => void
}): ReactElement {
  const edge = useRef<HTMLDivElement>(null)
  const most = (): number => Math.max(LEAST_PX, window.innerHeight - 40)
  function set(px: number): void {
    onHeight(Math.round(Math.min(Math.max(px, LEAST_PX), most())))
  }
  function drag({ buttons, clientY }: PointerEvent): void {
    if (buttons === 1) set(isAtTop ? clientY : window.innerHeight - clientY)
  }
  function step(event: KeyboardEvent): void {
    const by = { ArrowUp: STEP_PX, ArrowDown: -STEP_PX }[event.key]
    const now = edge.current?.parentElement?.offsetHeight
    if (by === undefined || now === undefined) return
    event.preventDefault()
    set(now + (isAtTop ? -by : by))
  }
  return (
    <div
      ref={edge}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an hr cannot be moved
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the panel"
      aria-valuemin={LEAST_PX}
      aria-valuemax={window.innerHeight}
      aria-valuenow={height ?? Math.min(window.innerHeight * 0.6, 520)}
      tabIndex={0}
      className="edge"
      onKeyDown={step}
      onPointerDown={(event) => {
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={drag}
    />
  )
}
