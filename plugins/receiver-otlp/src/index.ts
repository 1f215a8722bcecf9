import { type ConfigFault, defineReceiver, type Signal, SIGNALS, type Static, Type } from '@millrace/api';
import { HTTP_PATHS } from '@millrace/otlp';
import { checkGrpcServer, checkHttpServer, grpcServerSettings, httpServerSettings } from '@millrace/transport';
import { OtlpDecoder } from './otlp-decoder.ts';
import { OtlpReceiver } from './otlp-receiver.ts';

const READ_BUFFER_BYTES = 512 * 1024;

/** A path of a URL (RFC 3986); without a slash at its begin, its first part holds no colon, which would end a scheme. */
const URL_PATH = '^(/|[^:/?#]+(/|$))[^?#]*$';

const urlPath = (signal: Signal) =>
  Type.String({
    default: HTTP_PATHS[signal],
    pattern: URL_PATH,
    description: `Path for ${signal}; a slash at its begin may be left out.`,
  });

const config = Type.Object({
  protocols: Type.Object(
    {
      grpc: Type.Section(
        Type.Object(grpcServerSettings({ endpoint: 'localhost:4317', readBufferSize: READ_BUFFER_BYTES }), {
          description: 'OTLP/gRPC; on as soon as the key is there, with or without settings.',
        }),
      ),
      http: Type.Section(
        Type.Object(
          {
            ...httpServerSettings({
              endpoint: 'localhost:4318',
              writeTimeout: '0',
              idleTimeout: '0',
            }),
            traces_url_path: urlPath('traces'),
            metrics_url_path: urlPath('metrics'),
            logs_url_path: urlPath('logs'),
            profiles_url_path: urlPath('profiles'),
          },
          { description: 'OTLP/HTTP, protobuf and JSON; on as soon as the key is there.' },
        ),
      ),
    },
    { description: 'Which protocols to listen to; at least one.' },
  ),
});

/** Decoded settings of the receiver. */
export type OtlpReceiverConfig = Static<typeof config>;

/** Receives OTLP (https://opentelemetry.io/docs/specs/otlp/) over gRPC and HTTP. */
export default defineReceiver({
  type: 'otlp',
  summary: 'Receives OTLP over gRPC and HTTP (protobuf and JSON).',
  stability: 'beta',
  signals: SIGNALS,
  config,
  examples: [
    { title: 'Both protocols, on localhost', yaml: 'otlp: { protocols: { grpc: , http: } }' },
    {
      title: 'HTTP for browsers',
      yaml: [
        'otlp/web:',
        '  protocols:',
        '    http:',
        '      endpoint: localhost:4319',
        '      cors: { allowed_origins: ["https://*.example.com"], max_age: 7200 }',
      ].join('\n'),
    },
  ],
  check({ protocols: { grpc, http } }): readonly ConfigFault[] {
    if (grpc === undefined && http === undefined) {
      const remedy = 'write "grpc:" or "http:" below it; without settings it takes the defaults';
      return [{ path: ['protocols'], message: 'must name at least one protocol', remedy }];
    }
    return [
      ...(grpc === undefined ? [] : checkGrpcServer(grpc, ['protocols', 'grpc'])),
      ...(http === undefined ? [] : checkHttpServer(http, ['protocols', 'http'])),
    ];
  },
  create: (settings, host) => new OtlpReceiver(settings, host),
  decoder: (settings) => new OtlpDecoder(settings),
});
