import { Type, type Static } from '@millrace/api';
import type { DebugExporterConfig } from './index.ts';

/** Keys of the exporter `logging`, which was `debug` before. */
export const loggingSettings = Type.Object({
  loglevel: Type.Optional(
    Type.Enum(['debug', 'info', 'warn', 'error'], {
      description: 'debug is verbosity detailed, everything else basic. Not together with verbosity.',
    }),
  ),
  verbosity: Type.Optional(
    Type.Enum(['basic', 'normal', 'detailed'], {
      description: 'basic and normal: a line for each batch. detailed: everything.',
    }),
  ),
  sampling_initial: Type.Integer({
    default: 2,
    minimum: 0,
    description: 'How many batches of each signal are shown in each second before sampling begins.',
  }),
  sampling_thereafter: Type.Integer({
    default: 500,
    minimum: 0,
    description: 'Of the batches after that, every how manieth is shown.',
  }),
});

export type LoggingSettings = Static<typeof loggingSettings>;

/** The settings of `debug` that show the same. */
export function debugSettingsOf({ loglevel, verbosity, ...sampling }: LoggingSettings): DebugExporterConfig {
  const isDetailed = verbosity === 'detailed' || loglevel === 'debug';
  return { ...sampling, verbosity: isDetailed ? 'detailed' : 'basic', use_internal_logger: true };
}
