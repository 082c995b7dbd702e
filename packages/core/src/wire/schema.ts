import type { OutputSchema, StandardSchema } from '../words/schema.ts'

/** The part of a schema that checks. */
export function validatorOf<Output>(schema: OutputSchema<Output>): StandardSchema<Output> {
  return 'schema' in schema ? schema.schema : schema
}

/** As proposed in Standard JSON Schema v1; Zod 4 has it. */
interface SaysJsonSchema {
  readonly jsonSchema?: { readonly input: (options: { readonly target: string }) => object }
}

/** A schema as JSON Schema, where it can say it. */
export function jsonSchemaOf(schema: OutputSchema): object | undefined {
  if ('jsonSchema' in schema) return schema.jsonSchema
  const standard: SaysJsonSchema & StandardSchema['~standard'] = validatorOf(schema)['~standard']
  return standard.jsonSchema?.input({ target: 'draft-2020-12' })
}
