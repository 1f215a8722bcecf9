export { ComponentError, DeliveryError, type Receipt } from '@millrace/api';
export { ConfigErrors, loadConfig, loadConfigObject } from '@millrace/config';
export {
  type CollectorSnapshot,
  createLogger,
  type PipelineOverview,
  type ReloadReport,
  type ShutdownReport,
} from '@millrace/engine';
export type { AppReceiver } from './embed/app-receiver.ts';
export { Collector } from './embed/collector.ts';
export type * from './embed/options.ts';
export type * from '@millrace/receiver-in-process/input';
export { componentMarkdown } from './display/component-markdown.ts';
export { PluginRegistry } from './registry.ts';
export { version } from './version.ts';
