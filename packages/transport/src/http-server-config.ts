import { Type } from '@millrace/api';
import type { ConfigFault, Schema, Static } from '@millrace/api';
import { httpServerAuth } from './auth-config.ts';
import { headerList } from './header-list.ts';
import { middlewares } from './middlewares.ts';
import { checkTls, tlsServer } from './tls-config.ts';
import { checkEndpoint, transport } from './network-config.ts';

/** Content encodings that the Collector's HTTP servers accept; the empty name is an uncompressed body. */
export const CONTENT_ENCODINGS = ['', 'gzip', 'zstd', 'zlib', 'snappy', 'deflate', 'lz4', 'x-snappy-framed'] as const;

/** Defaults that differ between components; durations as a user writes them. */
export interface HttpServerDefaults {
  readonly endpoint: string;
  readonly readHeaderTimeout?: string;
  readonly writeTimeout?: string;
  readonly idleTimeout?: string;
}

/** confighttp.ServerConfig: spread it into a component's `Type.Object`. */
export const httpServerSettings = (defaults: HttpServerDefaults) => ({
  endpoint: Type.String({
    default: defaults.endpoint,
    description: 'Address to listen on: "host:port" or "unix:/path".',
  }),
  transport: transport(),
  tls: Type.Optional(tlsServer()),
  cors: Type.Optional(cors()),
  auth: Type.Optional(httpServerAuth()),
  max_request_body_size: Type.Integer({
    default: 20 * 1024 * 1024,
    minimum: 0,
    description: 'Largest request body in bytes, as sent and after decompression; 0: the default.',
  }),
  include_metadata: Type.Boolean({ default: false, description: 'Whether request headers are shown to processors.' }),
  response_headers: Type.Optional(headerList('Headers added to every response.')),
  compression_algorithms: Type.Array(Type.Enum(CONTENT_ENCODINGS), {
    default: [...CONTENT_ENCODINGS],
    description: 'Content encodings that are accepted; "" stands for uncompressed bodies.',
  }),
  read_timeout: Type.Duration({ default: '0', description: 'Longest time for reading a whole request; 0: no limit.' }),
  read_header_timeout: Type.Duration({
    default: defaults.readHeaderTimeout ?? '1m',
    description: 'Longest time for reading request headers; 0: as `read_timeout`.',
  }),
  write_timeout: Type.Duration({
    default: defaults.writeTimeout ?? '30s',
    description: 'Longest time for a client to take its response; 0: no limit.',
  }),
  idle_timeout: Type.Duration({
    default: defaults.idleTimeout ?? '1m',
    description: 'Longest wait for the next request of a connection; 0: as `read_timeout`.',
  }),
  keep_alives_enabled: Type.Boolean({ default: true, description: 'Whether connections serve more than one request.' }),
  keepalive: Type.Optional(
    Type.Object(
      {
        enabled: Type.Boolean({ default: true, description: 'Replaces `keep_alives_enabled`.' }),
        idle_timeout: Type.Duration({ default: '1m', description: 'Replaces `idle_timeout`.' }),
      },
      { description: 'Another place for `idle_timeout` and `keep_alives_enabled`.' },
    ),
  ),
  middlewares: middlewares(),
});

const cors = () =>
  Type.Object(
    {
      allowed_origins: Type.Array(Type.String(), {
        default: [],
        description: 'Origins that browsers may send from; "*" stands for any characters. Empty: CORS is off.',
      }),
      allowed_headers: Type.Array(Type.String(), {
        default: [],
        description: 'Request headers allowed besides the safelisted ones; "*": any.',
      }),
      exposed_headers: Type.Array(Type.String(), {
        default: [],
        description: 'Response headers that scripts may read.',
      }),
      max_age: Type.Integer({
        default: 0,
        minimum: 0,
        description: 'Seconds for which browsers cache the answer; 0: theirs.',
      }),
    },
    { description: 'Access from web pages of other origins.' },
  );

const whole = (defaults: HttpServerDefaults) => Type.Object(httpServerSettings(defaults));

/** The decoded settings of an HTTP server. */
export type HttpServerConfig = Static<ReturnType<typeof whole>>;
export type CorsConfig = Static<ReturnType<typeof cors>>;

/** A schema of these settings alone. */
export const httpServerSchema = (defaults: HttpServerDefaults): Schema<HttpServerConfig> => whole(defaults);

/** What the schema cannot say about an HTTP server. */
export function checkHttpServer(config: HttpServerConfig, path: readonly (string | number)[] = []): ConfigFault[] {
  return [
    ...checkEndpoint(config.endpoint, config.transport, [...path, 'endpoint']),
    ...checkTls(config.tls, [...path, 'tls'], 'server'),
  ];
}
