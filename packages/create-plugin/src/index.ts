export { createPlugin, type CreatedPlugin, type PluginRequest } from './create-plugin.ts';
export { CreateError } from './create-error.ts';
export { KINDS, type PluginKind } from './plugin-kind.ts';
export { main, type MainOptions } from './main.ts';
