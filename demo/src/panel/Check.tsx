import type { ReactNode, Ref } from 'react'

/** Something that is on or off, and what that means. */
export function Check({
  ref,
  label,
  isOn,
  onChange,
  children,
}: {
  ref?: Ref<HTMLInputElement>
  label: string
  isOn: boolean
  onChange: (isOn: boolean) => void
  children: ReactNode
}): ReactNode {
  return (
    <label className="check">
      <input
        ref={ref}
        type="checkbox"
        checked={isOn}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        {label}
        <small>{children}</small>
      </span>
    </label>
  )
}
