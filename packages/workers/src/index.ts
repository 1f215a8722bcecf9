export { Arena } from './arena.ts';
export type { ArenaSettings, Purpose, Region } from './arena.ts';
export { ArenaBody } from './arena-body.ts';
export type * from './mill.ts';
export type * from './plan.ts';
export { importDefinitions, loadPluginModule } from './plugin-module.ts';
export type { PluginModule } from './plugin-module.ts';
export { installPluginResolver } from './plugin-resolver.ts';
