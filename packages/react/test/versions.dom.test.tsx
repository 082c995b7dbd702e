import { render } from '@testing-library/react'
import { version } from 'react'
import { version as versionOfDom } from 'react-dom'
import { expect, test } from 'vitest'

test('these tests run on the React that their project names', () => {
  const expected = String(import.meta.env['RUNGS_REACT'])
  expect(version.startsWith(expected)).toBe(true)
  expect(versionOfDom).toBe(version)
  // What draws them is of the same version, or this throws.
  expect(render(<p>drawn</p>).container.textContent).toBe('drawn')
})
