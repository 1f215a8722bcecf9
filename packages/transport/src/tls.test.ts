import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { createServer as createTcpServer, connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { promisify } from 'node:util';
import { Client, Metadata, credentials } from '@grpc/grpc-js';
import type { ChannelCredentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Address } from './endpoint.ts';
import { grpcClientSchema } from './grpc-client-config.ts';
import { GrpcClient } from './grpc-client.ts';
import type { GrpcMethod } from './grpc-method.ts';
import { grpcServerSchema } from './grpc-server-config.ts';
import { GrpcServer } from './grpc-server.ts';
import { httpClientSchema } from './http-client-config.ts';
import { HttpClient } from './http-client.ts';
import type { HttpRoute } from './http-message.ts';
import { httpServerSchema } from './http-server-config.ts';
import { HttpServer } from './http-server.ts';
import { Certificates } from './testing/certificates.ts';
import { ManualClock, systemClock } from './testing/clocks.ts';
import { CountedBodies } from './testing/counted-bodies.ts';
import { decoded } from './testing/decoded-config.ts';
import { MemoryLogger } from './testing/memory-logger.ts';

const run = promisify(execFile);
const PATH = '/test.Echo/Echo';

let authority: Certificates;
let stranger: Certificates;
let server: { readonly certFile: string; readonly keyFile: string };
let person: { readonly certFile: string; readonly keyFile: string };
let bodies: CountedBodies;
let logger: MemoryLogger;
let cleanUps: (() => unknown)[];
let servers: (HttpServer | GrpcServer)[];

beforeAll(() => {
  authority = new Certificates();
  stranger = new Certificates('Somebody else');
  server = authority.issue('server.test');
  person = authority.issue('client.test');
});

afterAll(() => {
  authority.remove();
  stranger.remove();
});

beforeEach(() => {
  bodies = new CountedBodies();
  logger = new MemoryLogger();
  cleanUps = [];
  servers = [];
});

afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  assert.equal(bodies.open, 0, 'a body was left behind');
});

const route: HttpRoute = {
  methods: ['POST'],
  admit: (_head, expected) => bodies.admit(expected),
  handle(_head, body) {
    const bytes = Buffer.from(body?.bytes ?? []);
    body?.release();
    return { status: 200, body: bytes };
  },
};

const method: GrpcMethod = {
  admit: (_head, expected) => bodies.admit(expected),
  handle(_head, body) {
    const bytes = Buffer.from(body.bytes);
    body.release();
    return bytes;
  },
};

type ServerTls = Parameters<typeof decoded<ReturnType<typeof httpServerSchema>>>[1] extends infer T
  ? T extends { tls?: infer U }
    ? U
    : never
  : never;

async function http(tls: ServerTls, clock = systemClock): Promise<string> {
  const config = decoded(httpServerSchema({ endpoint: '127.0.0.1:0' }), { tls });
  const made = new HttpServer({ config: withDefaults(config), clock, logger, routes: new Map([['/', route]]) });
  const address = await made.start();
  servers.push(made);
  cleanUps.push(() => stop(made, clock));
  return `https://localhost:${portOf(address)}/`;
}

async function grpc(tls: ServerTls, clock = systemClock): Promise<string> {
  const config = decoded(grpcServerSchema({ endpoint: '127.0.0.1:0' }), { tls });
  const made = new GrpcServer({ config: withDefaults(config), clock, logger, methods: new Map([[PATH, method]]) });
  const address = await made.start();
  servers.push(made);
  cleanUps.push(() => stop(made, clock));
  return `localhost:${portOf(address)}`;
}

/** An optional section that is given gets its defaults, as the config package does it. */
function withDefaults<C extends { tls?: object }>(config: C): C {
  return {
    ...config,
    tls: { min_version: '1.2', include_system_ca_certs_pool: false, client_ca_file_reload: false, ...config.tls },
  };
}

async function stop(made: HttpServer | GrpcServer, clock: typeof systemClock): Promise<void> {
  const stopped = made.shutdown(0);
  if (clock instanceof ManualClock) clock.advance(0);
  await stopped;
}

function portOf(address: Address): number {
  return address.kind === 'tcp' ? address.port : 0;
}

async function httpClient(tls: object): Promise<HttpClient> {
  const config = decoded(httpClientSchema(), { tls });
  const made = new HttpClient({ config, clock: systemClock, logger, userAgent: 'x' });
  await made.start();
  cleanUps.push(() => made.shutdown());
  return made;
}

async function grpcClient(endpoint: string, tls: object): Promise<GrpcClient> {
  const config = decoded(grpcClientSchema(), { endpoint, tls });
  const made = new GrpcClient({ config, clock: systemClock, logger, userAgent: 'x' });
  await made.start();
  cleanUps.push(() => made.shutdown(0));
  return made;
}

function grpcJs(endpoint: string, channel: ChannelCredentials): Promise<string> {
  const client = new Client(endpoint, channel);
  cleanUps.push(() => client.close());
  return new Promise((resolve, reject) => {
    const bytes = (value: Buffer): Buffer => value;
    client.makeUnaryRequest(PATH, bytes, bytes, Buffer.from('hello'), new Metadata(), {}, (error, reply) =>
      error === null ? resolve(String(reply)) : reject(error),
    );
  });
}

const files = () => ({ cert_file: server.certFile, key_file: server.keyFile });
const hello = { body: Buffer.from('hello') };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('TLS', () => {
  it('our HTTP client and curl trust the authority that is given, curl over HTTP/2', async () => {
    const url = await http(files());
    expect(text((await (await httpClient({ ca_file: authority.caFile })).post(url, hello)).body)).toBe('hello');
    const args = ['-s', '--http2', '--cacert', authority.caFile, '-d', 'hello', '-w', ' %{http_version}', url];
    expect((await run('curl', args)).stdout).toBe('hello 2');
    expect((await run('curl', [...args, '--http1.1'])).stdout).toBe('hello 1.1');
  });

  it('our gRPC client and grpc-js trust the authority that is given', async () => {
    const endpoint = await grpc(files());
    const sender = await grpcClient(endpoint, { ca_pem: authority.read(authority.caFile) });
    expect(text(await sender.call(PATH, { message: hello.body }))).toBe('hello');
    expect(await grpcJs(endpoint, credentials.createSsl(readFileSync(authority.caFile)))).toBe('hello');
  });

  it('certificate and key may be given as text', async () => {
    const url = await http({ cert_pem: authority.read(server.certFile), key_pem: authority.read(server.keyFile) });
    expect(text((await (await httpClient({ ca_file: authority.caFile })).post(url, hello)).body)).toBe('hello');
  });

  it.each([
    ['an unknown authority', () => ({ ca_file: stranger.caFile })],
    ["the system's authorities only", () => ({})],
    ['another name', () => ({ ca_file: authority.caFile, server_name_override: 'other.test' })],
  ])('clients with %s refuse the server, retryably', async (_name, tls) => {
    const sender = await httpClient(tls());
    await expect(sender.post(await http(files()), hello)).rejects.toMatchObject({ retryable: true });
    const calling = (await grpcClient(await grpc(files()), tls())).call(PATH, { message: hello.body });
    await expect(calling).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });

  it.each([
    ['insecure_skip_verify', () => ({ insecure_skip_verify: true })],
    ['server_name_override', () => ({ ca_file: authority.caFile, server_name_override: 'server.test' })],
    ['include_system_ca_certs_pool', () => ({ ca_file: authority.caFile, include_system_ca_certs_pool: true })],
  ])('clients with %s accept it', async (_name, tls) => {
    expect(text((await (await httpClient(tls())).post(await http(files()), hello)).body)).toBe('hello');
    const sender = await grpcClient(await grpc(files()), tls());
    expect(text(await sender.call(PATH, { message: hello.body }))).toBe('hello');
  });

  it('versions, suites and curves are kept to', async () => {
    const suites = ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'];
    const url = await http({ ...files(), max_version: '1.2', cipher_suites: suites, curve_preferences: ['P384'] });
    const port = Number(new URL(url).port);
    const handshake = (options: ConnectionOptions): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () => {
          resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
          socket.destroy();
        });
        socket.on('error', reject);
      });
    expect(await handshake({})).toBe('TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384');
    await expect(handshake({ minVersion: 'TLSv1.3' })).rejects.toThrow(/alert/);
    await expect(handshake({ ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' })).rejects.toThrow(
      /alert/,
    );
    await expect(handshake({ ecdhCurve: 'X25519', maxVersion: 'TLSv1.2' })).rejects.toThrow(/alert/);
  });

  it('plain bytes and broken handshakes on a TLS port disturb nobody', async () => {
    const url = await http(files());
    const endpoint = await grpc(files());
    for (const port of [Number(new URL(url).port), Number(endpoint.split(':')[1])]) {
      for (const bytes of [
        'POST / HTTP/1.1\r\n\r\n',
        Buffer.alloc(300, 0xff),
        Buffer.from('1603010200010001fc0303', 'hex'),
      ]) {
        const socket = connectTcp(port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.end(bytes);
        await new Promise((resolve) => socket.resume().on('close', resolve));
      }
    }
    expect(text((await (await httpClient({ ca_file: authority.caFile })).post(url, hello)).body)).toBe('hello');
    const sender = await grpcClient(endpoint, { ca_file: authority.caFile });
    expect(text(await sender.call(PATH, { message: hello.body }))).toBe('hello');
  });

  it('a client of another protocol on the gRPC port is turned away', async () => {
    const port = Number((await grpc(files())).split(':')[1]);
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
    const error = await new Promise<Error>((resolve) => socket.on('error', resolve));
    expect(error.message).toContain('alert');
  });
});

describe('shutdown', () => {
  it('does not wait for handshakes that never end', async () => {
    for (const serve of [http, grpc]) {
      const clock = new ManualClock();
      const port = Number(/\d+/.exec((await serve(files(), clock)).replace(/^https/, ''))?.[0]);
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('connect', resolve));
      const closed = new Promise((resolve) => socket.resume().on('close', resolve));
      const made = servers.at(-1);
      // The clock stands still: the grace never ends.
      await made?.shutdown(60_000);
      await closed;
      expect(socket.destroyed).toBe(true);
    }
  });
});

describe('mutual TLS', () => {
  const mutual = () => ({ ...files(), client_ca_file: authority.caFile });
  const identity = () => ({ ca_file: authority.caFile, cert_file: person.certFile, key_file: person.keyFile });

  it('clients with a certificate are served', async () => {
    expect(text((await (await httpClient(identity())).post(await http(mutual()), hello)).body)).toBe('hello');
    const endpoint = await grpc(mutual());
    const sender = await grpcClient(endpoint, identity());
    expect(text(await sender.call(PATH, { message: hello.body }))).toBe('hello');
    const [ca, key, cert] = [authority.caFile, person.keyFile, person.certFile].map((file) => readFileSync(file));
    expect(await grpcJs(endpoint, credentials.createSsl(ca, key, cert))).toBe('hello');
  });

  it('clients without one, or with a stranger’s, are not', async () => {
    const other = stranger.issue('client.test');
    for (const tls of [
      { ca_file: authority.caFile },
      { ca_file: authority.caFile, cert_file: other.certFile, key_file: other.keyFile },
    ]) {
      await expect((await httpClient(tls)).post(await http(mutual()), hello)).rejects.toMatchObject({
        retryable: true,
      });
      const calling = (await grpcClient(await grpc(mutual()), tls)).call(PATH, { message: hello.body });
      await expect(calling).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
    expect(bodies.admitted).toBe(0);
  });
});

describe('files', () => {
  it.each([
    ['a missing key', { key_file: '/nowhere.key' }, 'TLS_UNREADABLE', '"/nowhere.key"'],
    ['a directory as certificate', { cert_file: tmpdir() }, 'TLS_UNREADABLE', tmpdir()],
  ])('%s ends the start and is named', async (_name, tls, code, name) => {
    for (const serve of [http, grpc]) {
      await expect(serve({ ...files(), ...tls })).rejects.toMatchObject({
        name: 'ComponentError',
        code,
        message: expect.stringContaining(name) as string,
        remedy: expect.any(String) as string,
      });
    }
  });

  it('garbage, an encrypted key and a key of another certificate are told apart', async () => {
    const garbage = join(authority.directory, 'garbage.key');
    writeFileSync(garbage, 'hello', { mode: 0o600 });
    const locked = join(authority.directory, 'locked.key');
    await run('openssl', ['pkey', '-in', server.keyFile, '-aes256', '-passout', 'pass:x', '-out', locked]);
    await expect(http({ ...files(), key_file: garbage })).rejects.toMatchObject({ code: 'TLS_INVALID' });
    await expect(http({ ...files(), key_file: locked })).rejects.toMatchObject({
      code: 'TLS_INVALID',
      remedy: expect.stringContaining('decrypt it') as string,
    });
    await expect(http({ ...files(), key_file: person.keyFile })).rejects.toMatchObject({ code: 'TLS_MISMATCH' });
    await expect(http({ ...files(), cert_file: garbage })).rejects.toMatchObject({ code: 'TLS_INVALID' });
    await expect(http({ ...files(), client_ca_file: garbage })).rejects.toMatchObject({ code: 'TLS_INVALID' });
    await expect(http({ cert_file: server.certFile })).rejects.toMatchObject({ code: 'TLS_INCOMPLETE' });
  });

  it('a key that everybody can read is only warned about', async () => {
    const open = join(authority.directory, 'open.key');
    copyFileSync(server.keyFile, open);
    chmodSync(open, 0o644);
    await http({ ...files(), key_file: open });
    expect(logger.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ file: open }) as object }),
    );
  });

  it('a renewed certificate is used after reload_interval, a broken one is not', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-reload-'));
    cleanUps.push(() => rmSync(directory, { recursive: true }));
    const [cert_file, key_file] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
    const install = ({ certFile, keyFile }: typeof server): void => {
      copyFileSync(certFile, cert_file);
      copyFileSync(keyFile, key_file);
    };
    install(server);
    const clock = new ManualClock();
    const port = Number(new URL(await http({ cert_file, key_file, reload_interval: 60_000 }, clock)).port);
    const subject = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
          resolve(String(socket.getPeerCertificate().subject.CN));
          socket.destroy();
        });
        socket.on('error', reject);
      });
    const reloaded = async (lines: number): Promise<void> => {
      clock.advance(60_000);
      while (logger.lines.filter(({ message }) => message.startsWith('TLS certificates')).length < lines) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    expect(await subject()).toBe('server.test');
    install(person);
    await reloaded(1);
    expect(await subject()).toBe('client.test');
    writeFileSync(cert_file, 'half a certific');
    await reloaded(2);
    expect(logger.lines.at(-1)).toMatchObject({ level: 'error' });
    expect(await subject()).toBe('client.test');
  });
});

describe('unix sockets', () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-unix-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  async function httpAt(path: string): Promise<HttpServer> {
    const config = decoded(httpServerSchema({ endpoint: path }), { transport: 'unix' });
    const made = new HttpServer({ config, clock: systemClock, logger, routes: new Map([['/', route]]) });
    await made.start();
    cleanUps.push(() => made.shutdown(0));
    return made;
  }

  it('curl is served, and the socket is gone after shutdown', async () => {
    const path = join(directory, 'http');
    const made = await httpAt(path);
    const { stdout } = await run('curl', ['-s', '--unix-socket', path, '-d', 'hello', 'http://x/']);
    expect(stdout).toBe('hello');
    await made.shutdown(0);
    expect(() => statSync(path)).toThrow('ENOENT');
  });

  it('a socket in use ends the start, one that a crash left behind does not', async () => {
    const path = join(directory, 'stale');
    await httpAt(path);
    await expect(httpAt(path)).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringContaining(path) as string,
    });
    const crashed = join(directory, 'crashed');
    const script = `require('net').createServer().listen(${JSON.stringify(crashed)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await run(process.execPath, ['-e', script]).catch(() => undefined);
    expect(statSync(crashed).isSocket()).toBe(true);
    await httpAt(crashed);
    expect((await run('curl', ['-s', '--unix-socket', crashed, '-d', 'hello', 'http://x/'])).stdout).toBe('hello');
  });

  it('a file that is no socket is left alone', async () => {
    const path = join(directory, 'file');
    writeFileSync(path, 'precious');
    await expect(httpAt(path)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });
});

describe('HTTP/2 to the HTTP server', () => {
  it('a cancelled request leaves no body behind, and a refused one ends its stream', async () => {
    const url = await http(files());
    const session = connectHttp2(url, { ca: readFileSync(authority.caFile) });
    cleanUps.push(() => session.destroy());
    const cancelled = session.request({ ':method': 'POST', ':path': '/' });
    cancelled.on('error', () => undefined);
    cancelled.write('half');
    await bodies.until(() => bodies.open === 1);
    cancelled.close(8);
    await bodies.until(() => bodies.open === 0);
    const refused = session.request({ ':method': 'POST', ':path': '/nothing' });
    refused.on('error', () => undefined);
    refused.write('half');
    const status = await new Promise((resolve) => refused.on('response', (headers) => resolve(headers[':status'])));
    expect(status).toBe(404);
    await new Promise((resolve) => refused.resume().on('close', resolve));
  });
});

describe('a port that only the superuser may use', () => {
  it('is explained', async () => {
    const taken = createTcpServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => taken.close());
    const port = (taken.address() as { port: number }).port;
    const config = decoded(httpServerSchema({ endpoint: `203.0.113.1:${port}` }));
    const made = new HttpServer({ config, clock: systemClock, logger, routes: new Map() });
    await expect(made.start()).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
      remedy: expect.stringContaining('0.0.0.0') as string,
    });
  });
});
