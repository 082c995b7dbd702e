import { lazy, type ComponentType, type LazyExoticComponent, type ReactNode } from 'react'

/** A part of the page that is loaded when it is first needed. Where it cannot be, `without` stands in its place. */
export function later<Props>(
  load: () => Promise<ComponentType<Props>>,
  without: ComponentType<Props>,
): LazyExoticComponent<ComponentType<Props>> {
  return lazy(async () => ({ default: await load().catch(() => without) }))
}

/** For a view that the network did not bring. */
export function Unreached(): ReactNode {
  return (
    <main className="chat">
      <div className="sheet">
        <p className="nothing">
          This view could not be loaded. <a href={location.pathname}>Load the page again</a>
        </p>
      </div>
    </main>
  )
}
