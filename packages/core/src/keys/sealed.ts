import type { Database } from '../store/idb.ts'

/** What is stored of an encrypted key. */
export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>
  readonly data: ArrayBuffer
  readonly last4: string
}

/** The shelf's place of the secret. */
export const SECRET = 'secret'

/** A short key is nothing but its last four characters. */
export function last4(key: string): string | null {
  return key.length >= 12 ? key.slice(-4) : null
}

export function isSealed(value: unknown): value is Sealed {
  return (
    typeof value === 'object' &&
    value !== null &&
    'iv' in value &&
    value.iv instanceof Uint8Array &&
    'data' in value &&
    value.data instanceof ArrayBuffer &&
    'last4' in value &&
    typeof value.last4 === 'string'
  )
}

/** The browser's own key, made where there is none: this origin can use it, and nobody can export it. */
export async function makeSecret(shelf: Database): Promise<CryptoKey> {
  const algorithm = { name: 'AES-GCM', length: 256 }
  const made = await crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt'])
  // In one transaction: two tabs would else each seal with a key of their own.
  const kept = await shelf.keep(SECRET, made, (value) => value instanceof CryptoKey)
  if (!(kept instanceof CryptoKey)) throw new TypeError('the stored secret is none')
  return kept
}

export async function encrypt(secret: CryptoKey, key: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const data = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv },
    secret,
    new TextEncoder().encode(key),
  )
  return { iv, data, last4: last4(key) ?? '' }
}

export async function decrypt(secret: CryptoKey, { iv, data }: Sealed): Promise<string> {
  return new TextDecoder().decode(
    await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, secret, data),
  )
}
