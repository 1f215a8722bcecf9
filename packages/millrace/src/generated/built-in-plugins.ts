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
  { kind: 'connector', type: 'count', aliases: [], module: '@millrace/connector-count' },
  { kind: 'connector', type: 'failover', aliases: [], module: '@millrace/connector-failover' },
  { kind: 'connector', type: 'forward', aliases: [], module: '@millrace/connector-forward' },
  { kind: 'connector', type: 'routing', aliases: [], module: '@millrace/connector-routing' },
  { kind: 'connector', type: 'spanmetrics', aliases: ['span_metrics'], module: '@millrace/connector-spanmetrics' },
  { kind: 'exporter', type: 'debug', aliases: [], module: '@millrace/exporter-debug' },
  { kind: 'exporter', type: 'file', aliases: [], module: '@millrace/exporter-file' },
  { kind: 'exporter', type: 'logging', aliases: [], module: '@millrace/exporter-debug' },
  { kind: 'exporter', type: 'nop', aliases: [], module: '@millrace/exporter-nop' },
  { kind: 'exporter', type: 'otlp', aliases: ['otlp_grpc'], module: '@millrace/exporter-otlp' },
  { kind: 'exporter', type: 'otlphttp', aliases: ['otlp_http'], module: '@millrace/exporter-otlphttp' },
  { kind: 'extension', type: 'basicauth', aliases: [], module: '@millrace/extension-basicauth' },
  { kind: 'extension', type: 'bearertokenauth', aliases: [], module: '@millrace/extension-bearertokenauth' },
  { kind: 'extension', type: 'file_storage', aliases: [], module: '@millrace/extension-file-storage' },
  { kind: 'extension', type: 'health_check', aliases: [], module: '@millrace/extension-health-check' },
  { kind: 'extension', type: 'pprof', aliases: [], module: '@millrace/extension-pprof' },
  { kind: 'extension', type: 'zpages', aliases: [], module: '@millrace/extension-zpages' },
  { kind: 'processor', type: 'attributes', aliases: [], module: '@millrace/processor-attributes' },
  { kind: 'processor', type: 'batch', aliases: [], module: '@millrace/processor-batch' },
  {
    kind: 'processor',
    type: 'cumulativetodelta',
    aliases: ['cumulative_to_delta'],
    module: '@millrace/processor-cumulativetodelta',
  },
  { kind: 'processor', type: 'decrypt', aliases: [], module: '@millrace/processor-decrypt' },
  { kind: 'processor', type: 'encrypt', aliases: [], module: '@millrace/processor-encrypt' },
  { kind: 'processor', type: 'filter', aliases: [], module: '@millrace/processor-filter' },
  { kind: 'processor', type: 'groupbyattrs', aliases: [], module: '@millrace/processor-groupbyattrs' },
  { kind: 'processor', type: 'log_dedup', aliases: ['logdedup'], module: '@millrace/processor-log-dedup' },
  { kind: 'processor', type: 'lookup', aliases: [], module: '@millrace/processor-lookup' },
  { kind: 'processor', type: 'memory_limiter', aliases: [], module: '@millrace/processor-memory-limiter' },
  {
    kind: 'processor',
    type: 'probabilistic_sampler',
    aliases: [],
    module: '@millrace/processor-probabilistic-sampler',
  },
  { kind: 'processor', type: 'rate_limit', aliases: [], module: '@millrace/processor-rate-limit' },
  { kind: 'processor', type: 'redaction', aliases: [], module: '@millrace/processor-redaction' },
  { kind: 'processor', type: 'resource', aliases: [], module: '@millrace/processor-resource' },
  {
    kind: 'processor',
    type: 'resourcedetection',
    aliases: ['resource_detection'],
    module: '@millrace/processor-resourcedetection',
  },
  { kind: 'processor', type: 'script', aliases: [], module: '@millrace/processor-script' },
  { kind: 'processor', type: 'span', aliases: [], module: '@millrace/processor-span' },
  { kind: 'processor', type: 'tail_sampling', aliases: [], module: '@millrace/processor-tail-sampling' },
  { kind: 'processor', type: 'transform', aliases: [], module: '@millrace/processor-transform' },
  { kind: 'receiver', type: 'demo', aliases: [], module: '@millrace/receiver-demo' },
  { kind: 'receiver', type: 'in_process', aliases: [], module: '@millrace/receiver-in-process' },
  { kind: 'receiver', type: 'nop', aliases: [], module: '@millrace/receiver-nop' },
  { kind: 'receiver', type: 'otlp', aliases: [], module: '@millrace/receiver-otlp' },
];
