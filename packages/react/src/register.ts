import type { LLM } from '@rungs/core'

/**
 * Where a product registers its LLM, so that every hook knows the names of its routes, workloads and tiers.
 *
 * @example
 * declare module '@rungs/react' {
 *   interface Register {
 *     llm: typeof llm
 *   }
 * }
 */
export interface Register {}

/** Any LLM, whatever its names. */
export type AnyLLM = LLM<string, string, string>

/** The registered LLM; without a registration every name is a string. */
export type RegisteredLLM = Register extends { readonly llm: infer Llm extends AnyLLM }
  ? Llm
  : AnyLLM

/** The names in an LLM. */
export type RouteOf<Llm> = Llm extends LLM<infer Name, infer _Job, infer _Level> ? Name : never
export type WorkloadOf<Llm> = Llm extends LLM<infer _Name, infer Job, infer _Level> ? Job : never
export type TierOf<Llm> = Llm extends LLM<infer _Name, infer _Job, infer Level> ? Level : never
