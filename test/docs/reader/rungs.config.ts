import { canned, defineConfig, openai } from '@rungs/core'

const config = defineConfig({
  routes: {
    ours: openai({ model: 'gpt-5', apiKey: () => undefined }),
    sorry: canned('We cannot answer right now.'),
  },
  workloads: { chat: { ladder: ['ours'], safe: 'sorry' } },
})
export default config
