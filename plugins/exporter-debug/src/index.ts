import { type ConfigFault, defineExporter, sendingQueue, SIGNALS, type Static, Type } from '@millrace/api';
import { DebugEncoder } from './debug-encoder.ts';
import { DebugSink } from './debug-sink.ts';
import { debugSettingsOf, loggingSettings } from './logging-settings.ts';

const config = Type.Object({
  verbosity: Type.Enum(['basic', 'normal', 'detailed'], {
    default: 'basic',
    description: 'basic: a line for each batch. normal: a line for each item, too. detailed: everything.',
  }),
  sampling_initial: Type.Integer({
    default: 2,
    minimum: 0,
    description: 'How many batches of each signal are shown in each second before sampling begins.',
  }),
  sampling_thereafter: Type.Integer({
    default: 1,
    minimum: 0,
    description: 'Of the batches after that, every how manieth is shown; 1 shows all, 0 none.',
  }),
  use_internal_logger: Type.Boolean({
    default: true,
    description: "Whether output goes to the collector's own log, subject to service.telemetry.logs.",
  }),
  output_paths: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description:
        'Where output goes without the internal logger: stdout, stderr or files, which are appended to. Default: stdout.',
    }),
  ),
  sending_queue: Type.Section(sendingQueue()),
});

/** Decoded settings of the exporter. */
export type DebugExporterConfig = Static<typeof config>;

/** Shows telemetry to people, in the Collector's words. */
const debug = defineExporter({
  type: 'debug',
  summary: 'Prints telemetry to the log or the console, for looking at it.',
  stability: 'beta',
  signals: SIGNALS,
  config,
  examples: [
    { title: 'A line for each batch', yaml: 'debug:' },
    { title: 'Everything, on the console', yaml: 'debug: { verbosity: detailed, use_internal_logger: false }' },
    {
      title: 'Of a busy pipeline, five batches a second and then every hundredth',
      yaml: 'debug/sampled: { verbosity: normal, sampling_initial: 5, sampling_thereafter: 100 }',
    },
  ],
  check({ use_internal_logger, output_paths }): readonly ConfigFault[] {
    if (output_paths === undefined || !use_internal_logger) return [];
    const remedy = 'set use_internal_logger: false, or leave output_paths out';
    return [{ path: ['output_paths'], message: 'is of no use with the internal logger', remedy }];
  },
  encoder: (settings) => new DebugEncoder(settings),
  create: (settings, host) => new DebugSink(settings, host),
});

/** The name that `debug` had in the Collector before. */
const logging = defineExporter({
  type: 'logging',
  summary: 'The older name of debug: use that one.',
  stability: 'deprecated',
  signals: SIGNALS,
  config: loggingSettings,
  examples: [{ title: 'Everything', yaml: 'logging: { loglevel: debug }' }],
  check({ loglevel, verbosity }): readonly ConfigFault[] {
    if (loglevel === undefined || verbosity === undefined) return [];
    return [{ path: ['loglevel'], message: 'cannot be used together with verbosity', remedy: 'keep verbosity' }];
  },
  encoder: (settings) => new DebugEncoder(debugSettingsOf(settings)),
  create: (settings, host) => new DebugSink(debugSettingsOf(settings), host),
});

export default [debug, logging];
