import { describe, expect, it } from 'vitest';
import { checkGrpcClient, grpcClientSchema } from './grpc-client-config.ts';
import { checkGrpcServer, grpcServerSchema } from './grpc-server-config.ts';
import { GrpcClient } from './grpc-client.ts';
import { GrpcServer } from './grpc-server.ts';
import { HttpClient } from './http-client.ts';
import { HttpServer } from './http-server.ts';
import { systemClock } from './testing/clocks.ts';
import { MemoryLogger } from './testing/memory-logger.ts';
import { headerPairs } from './header-list.ts';
import { checkHttpClient, httpClientSchema } from './http-client-config.ts';
import { checkHttpServer, httpServerSchema } from './http-server-config.ts';
import { checkTls } from './tls-config.ts';
import { decoded } from './testing/decoded-config.ts';

const httpServer = httpServerSchema({ endpoint: 'localhost:4318' });
const grpcServer = grpcServerSchema({ endpoint: 'localhost:4317' });

describe("the Collector's defaults", () => {
  it('of an HTTP server', () => {
    expect(decoded(httpServer)).toMatchObject({
      endpoint: 'localhost:4318',
      transport: 'tcp',
      max_request_body_size: 20 * 1024 * 1024,
      read_timeout: 0,
      read_header_timeout: 60_000,
      write_timeout: 30_000,
      idle_timeout: 60_000,
      keep_alives_enabled: true,
      include_metadata: false,
    });
  });

  it('of a gRPC server', () => {
    expect(decoded(grpcServer)).toMatchObject({
      endpoint: 'localhost:4317',
      max_recv_msg_size_mib: 4,
      include_metadata: false,
    });
  });

  it('of an HTTP client', () => {
    expect(decoded(httpClientSchema({ compression: 'gzip', timeout: '30s' }))).toMatchObject({
      compression: 'gzip',
      timeout: 30_000,
      max_idle_conns: 100,
      idle_conn_timeout: 90_000,
      tls: { insecure: false, insecure_skip_verify: false, min_version: '1.2' },
    });
  });

  it('of a gRPC client', () => {
    expect(decoded(grpcClientSchema(), { endpoint: 'x:1' })).toMatchObject({
      compression: 'gzip',
      balancer_name: 'round_robin',
      wait_for_ready: false,
      keepalive: { time: 10_000, timeout: 10_000, permit_without_stream: false },
    });
  });
});

describe('schemas', () => {
  it.each([
    ['HTTP server', httpServer],
    ['gRPC server', grpcServer],
    ['HTTP client', httpClientSchema()],
    ['gRPC client', grpcClientSchema()],
  ])('of the %s describes every key', (_name, schema) => {
    for (const property of Object.values(schema.properties ?? {})) {
      const isSection = property.type === 'object';
      expect(isSection || (property.description ?? '') !== '').toBe(true);
    }
  });

  it('mark what is secret', () => {
    const text = JSON.stringify(httpClientSchema());
    for (const key of ['key_pem', 'cert_pem', 'ca_pem'])
      expect(text).toMatch(new RegExp(`"${key}":{"type":"string","x-secret":true`));
    expect(JSON.stringify(httpClientSchema().properties?.['headers'])).toContain(
      '"additionalProperties":{"type":"string","x-secret":true}',
    );
  });
});

describe('checks', () => {
  const tls = { min_version: '1.2', include_system_ca_certs_pool: false } as const;

  it('a good config has no faults', () => {
    expect(checkHttpServer(decoded(httpServer))).toEqual([]);
    expect(checkGrpcServer(decoded(grpcServer))).toEqual([]);
    expect(checkHttpClient(decoded(httpClientSchema(), { endpoint: 'https://x:4318' }))).toEqual([]);
    expect(checkGrpcClient(decoded(grpcClientSchema(), { endpoint: 'x:4317' }))).toEqual([]);
  });

  it('every fault is found, with its place', () => {
    const config = {
      ...decoded(httpServer),
      endpoint: 'nowhere',
      tls: {
        ...tls,
        client_ca_file_reload: false,
        cert_file: 'a',
        cert_pem: 'b',
        max_version: '1.1',
        cipher_suites: ['RC4'],
      } as const,
    };
    const faults = checkHttpServer(
      { ...config, tls: { ...config.tls, cipher_suites: [...config.tls.cipher_suites] } },
      ['protocols', 'http'],
    );
    expect(faults.map(({ path }) => path.join('.'))).toEqual([
      'protocols.http.endpoint',
      'protocols.http.tls.cert_pem',
      'protocols.http.tls.cert_file',
      'protocols.http.tls.max_version',
      'protocols.http.tls.cipher_suites.0',
    ]);
    expect(faults.every(({ message, remedy }) => message !== '' && remedy !== undefined)).toBe(true);
  });

  it('a server’s tls needs a certificate, a client’s does not', () => {
    expect(checkTls({ ...tls, client_ca_file_reload: false }, ['tls'], 'server')).toHaveLength(1);
    expect(checkTls({ ...tls, insecure: false, insecure_skip_verify: false }, ['tls'], 'client')).toEqual([]);
  });

  it.each([
    ['gzip', 9, 0],
    ['gzip', 10, 1],
    ['zstd', 22, 0],
    ['lz4', 1, 1],
    ['', 0, 0],
  ] as const)('compression %j with level %d has %d faults', (compression, level, count) => {
    expect(checkHttpClient(decoded(httpClientSchema(), { compression, compression_params: { level } }))).toHaveLength(
      count,
    );
  });

  it('URLs and targets are looked at', () => {
    expect(
      checkHttpClient(decoded(httpClientSchema(), { endpoint: 'localhost:4318', proxy_url: 'socks5://x' })),
    ).toHaveLength(2);
    expect(checkGrpcClient(decoded(grpcClientSchema(), { endpoint: 'localhost' }))).toHaveLength(1);
  });
});

it('whatever has auth does not start, rather than stand open', async () => {
  const auth = { authenticator: 'oidc' };
  const common = { clock: systemClock, logger: new MemoryLogger(), userAgent: 'x' };
  const parts = [
    new HttpServer({ ...common, config: decoded(httpServer, { auth }), routes: new Map() }),
    new GrpcServer({ ...common, config: decoded(grpcServer, { auth }), methods: new Map() }),
    new HttpClient({ ...common, config: decoded(httpClientSchema(), { auth }) }),
    new GrpcClient({ ...common, config: decoded(grpcClientSchema(), { endpoint: 'x:1', auth }) }),
  ];
  for (const part of parts) await expect(part.start()).rejects.toMatchObject({ code: 'AUTH_UNAVAILABLE' });
});

it('headers may be a mapping or a list', () => {
  expect(headerPairs({ 'X-A': '1' })).toEqual([['x-a', '1']]);
  expect(headerPairs([{ name: 'X-A', value: '1' }])).toEqual([['x-a', '1']]);
  expect(headerPairs(undefined)).toEqual([]);
});
