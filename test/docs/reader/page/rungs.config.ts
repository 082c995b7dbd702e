import config from '../rungs.config'
export default config
