import type { ReactNode, RefObject } from 'react'

/** The panel: beside the page where there is room, else in a drawer. */
export function Side({
  hasRoom,
  drawer,
  children,
}: {
  hasRoom: boolean
  drawer: RefObject<HTMLDialogElement | null>
  children: ReactNode
}): ReactNode {
  if (hasRoom) {
    return (
      <aside className="side" aria-labelledby="break-title">
        {children}
      </aside>
    )
  }
  return (
    <dialog ref={drawer} className="drawer" aria-labelledby="break-title">
      <button type="button" className="quiet drawer-close" onClick={() => drawer.current?.close()}>
        Close
      </button>
      {children}
    </dialog>
  )
}
