/** The vendor iPECS: what the rest of the package uses of it. */
export { IpecsDriver } from './session'
export type { IpecsAccountType, IpecsOptions } from './options'
export { importWrapperConfig, type WrapperImport } from './wrapperConfig'
export { COMMANDS, type Command, type CommandOverrides } from './commands'
export { SOCKET_VARIANTS, type SocketVariant } from './protocol'
