import { CreateError } from './create-error.ts';

/** What a plugin can be. */
export type PluginKind = 'receiver' | 'processor' | 'exporter' | 'connector' | 'extension';

/** Each kind, with what it is for. */
export const KINDS: Readonly<Record<PluginKind, string>> = {
  receiver: 'takes telemetry in, or makes it',
  processor: 'changes or drops what passes',
  exporter: 'sends telemetry somewhere',
  connector: 'ends one pipeline and begins others',
  extension: 'does something beside the pipelines',
};

/** @throws {CreateError} for what is none. */
export function parseKind(text: string): PluginKind {
  if (Object.hasOwn(KINDS, text)) return text as PluginKind;
  throw new CreateError('KIND', `the kind "${text}" does not exist; choose one of ${Object.keys(KINDS).join(', ')}`);
}
