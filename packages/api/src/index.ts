export type * from './auth.ts';
export type { Batch, ClientContext } from './batch.ts';
export * from './component.ts';
export * from './errors.ts';
export * from './exporter-settings.ts';
export type * from './host.ts';
export * from './schema.ts';
export * from './signal.ts';
export type * from './storage.ts';
