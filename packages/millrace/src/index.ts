export { ConfigErrors, loadConfig, loadConfigObject } from '@millrace/config';
export {
  Collector,
  type CollectorOptions,
  type CollectorSnapshot,
  createLogger,
  type ShutdownReport,
} from '@millrace/engine';
export { PluginRegistry } from './registry.ts';
export { version } from './version.ts';
