import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestHeaders } from '@millrace/api';
import { afterEach, expect, it } from 'vitest';
import { grpcClientSchema } from './grpc-client-config.ts';
import { GrpcClient } from './grpc-client.ts';
import { grpcServerSchema } from './grpc-server-config.ts';
import { GrpcServer } from './grpc-server.ts';
import { httpClientSchema } from './http-client-config.ts';
import { HttpClient } from './http-client.ts';
import { httpServerSchema } from './http-server-config.ts';
import { HttpServer } from './http-server.ts';
import { ManualClock, systemClock } from './testing/clocks.ts';
import { CountedBodies } from './testing/counted-bodies.ts';
import { decoded } from './testing/decoded-config.ts';
import { MemoryLogger } from './testing/memory-logger.ts';
import { WatchedText } from './watched-text.ts';

const PATH = '/test.Echo/Say';
const common = { clock: systemClock, logger: new MemoryLogger(), userAgent: 'test' };
const auth = { authenticator: 'keys' };

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** Lets in whoever has the key that clients now send. */
class Keys {
  key = 'first';
  readonly seen: RequestHeaders[] = [];
  readonly challenge = 'Key';
  refuse = (headers: RequestHeaders): string | undefined => {
    this.seen.push(headers);
    return headers['x-key'] === 'right' ? undefined : 'who is that?';
  };
  credentials = (): Record<string, string> => ({ 'x-key': this.key });
}

async function overHttp(keys: Keys, requestParams?: string[]) {
  const extension = (id: string) => (id === 'keys' ? keys : undefined);
  const bodies = new CountedBodies();
  const server = new HttpServer({
    ...common,
    extension,
    config: decoded(httpServerSchema({ endpoint: '127.0.0.1:0' }), {
      auth: { ...auth, ...(requestParams === undefined ? {} : { request_params: requestParams }) },
    }),
    routes: new Map([
      [
        '/x',
        {
          admit: (_head, expected) => bodies.admit(expected),
          handle: (_head, body) => {
            body?.release();
            return { status: 200 };
          },
        },
      ],
    ]),
  });
  const address = await server.start();
  const client = new HttpClient({ ...common, extension, config: decoded(httpClientSchema(), { auth }) });
  await client.start();
  cleanUps.push(
    () => client.shutdown(),
    () => server.shutdown(0),
  );
  const url = `http://127.0.0.1:${address.kind === 'tcp' ? address.port : 0}`;
  return { url, bodies, post: (path = '/x') => client.post(url + path, { body: Buffer.from('data') }) };
}

it('over HTTP, a request with wrong credentials gets 401 and its challenge before its body is looked at', async () => {
  const keys = new Keys();
  const { url, bodies, post } = await overHttp(keys);
  await expect(post()).rejects.toMatchObject({ code: 'HTTP_401', retryable: false });
  const stranger = await fetch(`${url}/x`, { method: 'POST', body: 'data' });
  expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([401, 'Key']);
  expect((await fetch(`${url}/nowhere`)).status).toBe(401);
  expect(bodies.admitted).toBe(0);
  keys.key = 'right';
  expect(await post()).toMatchObject({ status: 200 });
});

it('over HTTP, named parameters of the query are looked at like headers, others are not', async () => {
  const keys = new Keys();
  const { url } = await overHttp(keys, ['x-key']);
  expect((await fetch(`${url}/x?x-key=wrong&other=1`)).status).toBe(401);
  expect(keys.seen[0]).toMatchObject({ 'x-key': ['wrong'] });
  expect(keys.seen[0]).not.toHaveProperty('other');
});

it('over gRPC, a call with wrong credentials gets UNAUTHENTICATED before its message is read', async () => {
  const keys = new Keys();
  const extension = () => keys;
  const bodies = new CountedBodies();
  const echo = {
    admit: (_head: unknown, expected: number) => bodies.admit(expected),
    handle: (_head: unknown, body: ReturnType<CountedBodies['admit']>) => {
      const bytes = Buffer.from(body.bytes);
      body.release();
      return bytes;
    },
  };
  const config = decoded(grpcServerSchema({ endpoint: '127.0.0.1:0' }), { auth });
  const server = new GrpcServer({ ...common, extension, config, methods: new Map([[PATH, echo]]) });
  const address = await server.start();
  const endpoint = `127.0.0.1:${address.kind === 'tcp' ? address.port : 0}`;
  const clientConfig = decoded(grpcClientSchema(), { endpoint, auth, tls: { insecure: true } });
  const client = new GrpcClient({ ...common, extension, config: clientConfig });
  await client.start();
  cleanUps.push(
    () => client.shutdown(0),
    () => server.shutdown(0),
  );
  const message = Buffer.from('hello');
  await expect(client.call(PATH, { message })).rejects.toMatchObject({ retryable: false });
  await expect(client.call(PATH, { message })).rejects.toThrow('who is that?');
  expect(bodies.admitted).toBe(0);
  keys.key = 'right';
  expect(Buffer.from(await client.call(PATH, { message })).toString()).toBe('hello');
});

it('an extension that cannot do what is asked of it ends the start', async () => {
  const onlyServer = { challenge: 'x', refuse: () => undefined };
  const onlyClient = { credentials: () => ({}) };
  const server = {
    ...common,
    config: decoded(httpServerSchema({ endpoint: '127.0.0.1:0' }), { auth }),
    routes: new Map(),
  };
  const client = { ...common, config: decoded(httpClientSchema(), { auth }) };
  const refused = { code: 'AUTH_UNAVAILABLE' };
  await expect(new HttpServer({ ...server, extension: () => onlyClient }).start()).rejects.toMatchObject(refused);
  await expect(new HttpClient({ ...client, extension: () => onlyServer }).start()).rejects.toMatchObject(refused);
});

it('a watched file is read again when it changes; while it cannot be read, the last text stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'token');
  const clock = new ManualClock();
  const logger = new MemoryLogger();
  const texts: string[] = [];
  const changes: (() => void)[] = [];
  const onChange = (text: string) => {
    texts.push(text);
    changes.shift()?.();
  };
  const watched = new WatchedText({ file, what: 'the token', clock, logger, onChange });
  await expect(watched.start()).rejects.toThrow(`cannot read the token "${file}": there is no such file`);
  writeFileSync(file, 'one');
  await watched.start();
  const changed = new Promise<void>((resolve) => void changes.push(resolve));
  writeFileSync(file, 'second');
  clock.advance(1_000);
  await changed;
  expect(texts).toEqual(['one', 'second']);
  expect(watched.text).toBe('second');
  rmSync(file);
  await expect.poll(() => clock.pending).toBe(1);
  clock.advance(1_000);
  await expect.poll(() => JSON.stringify(logger)).toContain('stays in use');
  expect(watched.text).toBe('second');
  watched.shutdown();
});
