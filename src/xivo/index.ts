/** The vendor XiVO CTI: what the rest of the package uses of it. */
export { XivoDriver } from './session'
export type { XivoOptions, Watch, Watched } from './options'
export { PROTOCOLS, type Protocol } from './dialect'
