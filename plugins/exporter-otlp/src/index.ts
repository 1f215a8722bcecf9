import { defineExporter, exporterSettings, SIGNALS, type Static, Type } from '@millrace/api';
import { checkGrpcClient, grpcClientSettings } from '@millrace/transport';
import { messageEncoder } from './message-encoder.ts';
import { OtlpGrpcSink } from './otlp-grpc-sink.ts';

const config = Type.Object({ ...grpcClientSettings(), ...exporterSettings({ timeout: '5s' }) });

/** Decoded settings of the exporter. */
export type OtlpGrpcConfig = Static<typeof config>;

/** Sends OTLP over gRPC (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc). */
export default defineExporter({
  type: 'otlp',
  aliases: ['otlp_grpc'],
  summary: 'Sends OTLP over gRPC.',
  stability: 'beta',
  signals: SIGNALS,
  config,
  examples: [
    { title: 'To a collector, without TLS', yaml: 'otlp: { endpoint: "localhost:4317", tls: { insecure: true } }' },
    {
      title: 'To a service with a key, retrying forever',
      yaml: [
        'otlp/service:',
        '  endpoint: otlp.example.com:443',
        '  compression: zstd',
        '  headers: { api-key: "${env:OTLP_KEY:-none}" }',
        '  retry_on_failure: { max_elapsed_time: 0s }',
      ].join('\n'),
    },
  ],
  check: (settings) => checkGrpcClient(settings),
  encoder: (settings) => messageEncoder(settings),
  create: (settings, host) => new OtlpGrpcSink(settings, host),
});
