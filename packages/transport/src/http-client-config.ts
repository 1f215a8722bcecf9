import { Type } from '@millrace/api';
import type { ConfigFault, Schema, Static } from '@millrace/api';
import { auth } from './auth-config.ts';
import { headerList } from './header-list.ts';
import { middlewares } from './middlewares.ts';
import { shownUrl } from './endpoint.ts';
import { checkTls, tlsClient } from './tls-config.ts';

export interface HttpClientDefaults {
  readonly timeout?: string;
  readonly compression?: HttpCompression;
  readonly writeBufferSize?: number;
}

/** What request bodies can be compressed with. */
export const HTTP_COMPRESSIONS = [
  'gzip',
  'zlib',
  'deflate',
  'snappy',
  'x-snappy-framed',
  'zstd',
  'lz4',
  'none',
  '',
] as const;
export type HttpCompression = (typeof HTTP_COMPRESSIONS)[number];

/**
 * confighttp.ClientConfig: spread it into a component's `Type.Object`. `timeout` stands in the engine's exporter
 * settings too, with the same meaning.
 */
export const httpClientSettings = (defaults: HttpClientDefaults = {}) => ({
  endpoint: Type.Optional(
    Type.String({ minLength: 1, description: 'URL of the server, such as "https://example.com:4318".' }),
  ),
  proxy_url: Type.Optional(
    Type.String({
      description: 'HTTP proxy, such as "http://proxy:3128"; by default the one named by the environment.',
    }),
  ),
  tls: tlsClient(),
  timeout: Type.Duration({
    default: defaults.timeout ?? '0',
    description: 'Longest time for one request; 0: no limit.',
  }),
  headers: Type.Optional(headerList('Headers sent with every request.')),
  auth: Type.Optional(auth('Extension that signs requests.')),
  compression: Type.Enum(HTTP_COMPRESSIONS, {
    default: defaults.compression ?? '',
    description: 'Compression of request bodies.',
  }),
  compression_params: Type.Object(
    { level: Type.Integer({ default: 0, description: "Effort of `compression`; 0: the method's default." }) },
    { description: 'Details of `compression`.' },
  ),
  max_idle_conns: Type.Integer({
    default: 100,
    minimum: 0,
    description: 'Most idle connections that are kept; 0: no limit.',
  }),
  max_idle_conns_per_host: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'Most idle connections that are kept to one host; 0: as `max_idle_conns`.',
  }),
  max_conns_per_host: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'Most connections to one host; 0: no limit.',
  }),
  idle_conn_timeout: Type.Duration({
    default: '90s',
    description: 'Idle connections are closed after this; 0: never.',
  }),
  disable_keep_alives: Type.Boolean({ default: false, description: 'Whether each request has its own connection.' }),
  keepalive: Type.Optional(
    Type.Object(
      {
        enabled: Type.Boolean({ default: true, description: 'Replaces `disable_keep_alives`.' }),
        idle_conn_timeout: Type.Duration({ default: '90s', description: 'Replaces `idle_conn_timeout`.' }),
        max_idle_conns: Type.Integer({ default: 100, minimum: 0, description: 'Replaces `max_idle_conns`.' }),
        max_idle_conns_per_host: Type.Integer({
          default: 0,
          minimum: 0,
          description: 'Replaces `max_idle_conns_per_host`.',
        }),
      },
      { description: 'Another place for what becomes of connections between requests.' },
    ),
  ),
  middlewares: middlewares(),
  cookies: Type.Optional(
    Type.Object(
      { enabled: Type.Boolean({ default: true, description: 'Whether cookies of the server are sent back to it.' }) },
      { description: 'Session cookies, for load balancers that stick by them.' },
    ),
  ),
  force_attempt_http2: Type.Boolean({ default: true, description: 'Accepted for compatibility; HTTP/1.1 is spoken.' }),
  http2_read_idle_timeout: Type.Duration({ default: '0', description: 'Accepted for compatibility.' }),
  http2_ping_timeout: Type.Duration({ default: '0', description: 'Accepted for compatibility.' }),
  read_buffer_size: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'Accepted for compatibility; responses are small.',
  }),
  write_buffer_size: Type.Integer({
    default: defaults.writeBufferSize ?? 0,
    minimum: 0,
    description: 'Accepted for compatibility; requests are written at once.',
  }),
});

const whole = (defaults: HttpClientDefaults) => Type.Object(httpClientSettings(defaults));

/** The decoded settings of an HTTP client. */
export type HttpClientConfig = Static<ReturnType<typeof whole>>;

/** A schema of these settings alone. */
export const httpClientSchema = (defaults: HttpClientDefaults = {}): Schema<HttpClientConfig> => whole(defaults);

/** What the schema cannot say about an HTTP client. */
export function checkHttpClient(config: HttpClientConfig, path: readonly (string | number)[] = []): ConfigFault[] {
  const faults = checkTls(config.tls, [...path, 'tls'], 'client');
  if (config.endpoint !== undefined) faults.push(...checkUrl(config.endpoint, [...path, 'endpoint']));
  if (config.proxy_url !== undefined && config.proxy_url !== '') {
    faults.push(...checkUrl(config.proxy_url, [...path, 'proxy_url']));
  }
  const { level } = config.compression_params;
  if (level !== 0 && !levelFits(config.compression, level)) {
    faults.push({
      path: [...path, 'compression_params', 'level'],
      message: `level ${level} does not exist for compression "${config.compression}"`,
      remedy: 'gzip, zlib and deflate take -2 to 9, zstd takes 1 to 22, the others none',
    });
  }
  return faults;
}

/** Reports a URL that an HTTP client cannot use. */
export function checkUrl(url: string, path: readonly (string | number)[]): ConfigFault[] {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol === 'http:' || protocol === 'https:') return [];
  return [
    {
      path,
      message: `"${shownUrl(url)}" is no HTTP URL`,
      remedy: 'write it as "http://host:port" or "https://host:port"',
    },
  ];
}

function levelFits(compression: HttpCompression, level: number): boolean {
  if (compression === 'zstd') return level >= 1 && level <= 22;
  if (compression === 'gzip' || compression === 'zlib' || compression === 'deflate') return level >= -2 && level <= 9;
  return false;
}
