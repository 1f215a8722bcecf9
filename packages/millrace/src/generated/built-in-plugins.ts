// Made by `npm run generate` from the plugins folder.
import type { Kind } from '@millrace/api';

interface BuiltInPlugin {
  readonly kind: Kind;
  readonly type: string;
  readonly aliases: readonly string[];
  /** Package name. */
  readonly module: string;
}

export const BUILT_IN_PLUGINS: readonly BuiltInPlugin[] = [
  { kind: 'connector', type: 'forward', aliases: [], module: '@millrace/connector-forward' },
  { kind: 'exporter', type: 'debug', aliases: [], module: '@millrace/exporter-debug' },
  { kind: 'exporter', type: 'file', aliases: [], module: '@millrace/exporter-file' },
  { kind: 'exporter', type: 'nop', aliases: [], module: '@millrace/exporter-nop' },
  { kind: 'exporter', type: 'otlp', aliases: ['otlp_grpc'], module: '@millrace/exporter-otlp' },
  { kind: 'exporter', type: 'otlphttp', aliases: ['otlp_http'], module: '@millrace/exporter-otlphttp' },
  { kind: 'extension', type: 'file_storage', aliases: [], module: '@millrace/extension-file-storage' },
  { kind: 'extension', type: 'health_check', aliases: [], module: '@millrace/extension-health-check' },
  { kind: 'processor', type: 'attributes', aliases: [], module: '@millrace/processor-attributes' },
  { kind: 'processor', type: 'batch', aliases: [], module: '@millrace/processor-batch' },
  { kind: 'processor', type: 'filter', aliases: [], module: '@millrace/processor-filter' },
  { kind: 'processor', type: 'groupbyattrs', aliases: [], module: '@millrace/processor-groupbyattrs' },
  { kind: 'processor', type: 'memory_limiter', aliases: [], module: '@millrace/processor-memory-limiter' },
  {
    kind: 'processor',
    type: 'probabilistic_sampler',
    aliases: [],
    module: '@millrace/processor-probabilistic-sampler',
  },
  { kind: 'processor', type: 'redaction', aliases: [], module: '@millrace/processor-redaction' },
  { kind: 'processor', type: 'resource', aliases: [], module: '@millrace/processor-resource' },
  {
    kind: 'processor',
    type: 'resourcedetection',
    aliases: ['resource_detection'],
    module: '@millrace/processor-resourcedetection',
  },
  { kind: 'processor', type: 'span', aliases: [], module: '@millrace/processor-span' },
  { kind: 'processor', type: 'transform', aliases: [], module: '@millrace/processor-transform' },
  { kind: 'receiver', type: 'demo', aliases: [], module: '@millrace/receiver-demo' },
  { kind: 'receiver', type: 'otlp', aliases: [], module: '@millrace/receiver-otlp' },
];
