import { aiSdk, canned, createLLM, openai } from '@rungs/core'

/** The reader's own: what the pages call `./llm`. */
export const llm = createLLM({
  routes: {
    ours: aiSdk({ url: '/api/chat', quality: 0.9, price: 'included' }),
    gpt: openai({ model: 'gpt-5', apiKey: () => undefined }),
    mini: openai({ model: 'gpt-5-mini', apiKey: () => undefined }),
    deep: openai({ model: 'gpt-5', apiKey: () => undefined, pace: 'reasoning' }),
    large: openai({ model: 'gpt-5-pro', apiKey: () => undefined }),
    sorry: canned('We cannot answer right now.'),
  },
  workloads: {
    chat: { ladder: ['ours', 'mini'], safe: 'sorry' },
    support: { ladder: ['ours', 'mini'], safe: 'sorry' },
    report: { ladder: ['deep', 'ours'] },
    agent: { ladder: ['ours', 'gpt'] },
    recipe: { ladder: ['mini', 'gpt'] },
  },
  tiers: { free: {}, pro: {}, team: {}, regulated: {} },
  defaultTier: 'free',
})
