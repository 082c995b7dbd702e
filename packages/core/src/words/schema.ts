/**
 * Standard Schema v1, the interface that validators share (Zod, Valibot, ArkType and others):
 * https://standardschema.dev
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}
export type SchemaResult<Output> =
  | { readonly value: Output }
  | { readonly issues: readonly unknown[] }

/** A validator that can also say its JSON Schema (Zod 4 can), or a validator and its JSON Schema side by side. */
export type OutputSchema<Output = unknown> =
  | StandardSchema<Output>
  | { readonly schema: StandardSchema<Output>; readonly jsonSchema: object }
