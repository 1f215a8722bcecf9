import {
  type ConfigFault,
  defineExporter,
  exporterSettings,
  type Signal,
  SIGNALS,
  type Static,
  Type,
} from '@millrace/api';
import { levelProblem } from '@millrace/codec';
import { HTTP_PATHS } from '@millrace/otlp';
import { checkHttpClient, checkUrl, httpClientSettings } from '@millrace/transport';
import { bodyEncoder, codecOf } from './body-encoder.ts';
import { OtlpHttpSink } from './otlp-http-sink.ts';

const TIMEOUT = '30s';

const signalEndpoint = (signal: Signal) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      description: `URL for ${signal}, instead of \`endpoint\` followed by ${HTTP_PATHS[signal]}.`,
    }),
  );

const config = Type.Object({
  ...httpClientSettings({ timeout: TIMEOUT, compression: 'gzip', writeBufferSize: 512 * 1024 }),
  ...exporterSettings({ timeout: TIMEOUT }),
  traces_endpoint: signalEndpoint('traces'),
  metrics_endpoint: signalEndpoint('metrics'),
  logs_endpoint: signalEndpoint('logs'),
  profiles_endpoint: signalEndpoint('profiles'),
  encoding: Type.Enum(['proto', 'json'], { default: 'proto', description: 'How requests are written.' }),
});

/** Decoded settings of the exporter. */
export type OtlpHttpConfig = Static<typeof config>;

/** Sends OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp). */
export default defineExporter({
  type: 'otlphttp',
  aliases: ['otlp_http'],
  summary: 'Sends OTLP over HTTP, as protobuf or JSON.',
  stability: 'beta',
  signals: SIGNALS,
  config,
  examples: [
    { title: 'To a collector', yaml: 'otlphttp: { endpoint: "http://localhost:4318" }' },
    {
      title: 'To a service with a key, compressed with zstd',
      yaml: [
        'otlphttp/service:',
        '  endpoint: https://otlp.example.com',
        '  compression: zstd',
        '  headers: { authorization: "Bearer ${env:OTLP_TOKEN:-none}" }',
      ].join('\n'),
    },
  ],
  check(settings): readonly ConfigFault[] {
    const faults = [...checkHttpClient(settings)];
    const { endpoint, logs_endpoint, traces_endpoint, metrics_endpoint, profiles_endpoint } = settings;
    const own = { logs_endpoint, traces_endpoint, metrics_endpoint, profiles_endpoint };
    for (const [key, url] of Object.entries(own)) if (url !== undefined) faults.push(...checkUrl(url, [key]));
    if ([endpoint, ...Object.values(own)].every((url) => url === undefined)) {
      const remedy = 'set endpoint, such as http://localhost:4318';
      faults.push({ path: ['endpoint'], message: 'at least one endpoint is needed', remedy });
    }
    const codec = codecOf(settings);
    const { level } = settings.compression_params;
    const problem = codec === undefined || level === 0 ? undefined : levelProblem(codec, level);
    if (problem !== undefined) faults.push({ path: ['compression_params', 'level'], message: problem });
    return faults;
  },
  encoder: (settings) => bodyEncoder(settings),
  create: (settings, host) => new OtlpHttpSink(settings, host),
});
