import { useEffect, useLayoutEffect } from 'react'

/**
 * `useLayoutEffect`, silent on servers: there is no layout there, and React 18 warns of every one that it meets.
 * On a server neither runs.
 */
export const useCommitEffect: typeof useLayoutEffect =
  typeof document === 'undefined' ? useEffect : useLayoutEffect
