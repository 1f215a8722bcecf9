import { constants } from 'node:http2';
import { gunzipSync } from 'node:zlib';
import { compressionAlgorithms, status as Status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { permanent, retryable } from '@millrace/api';
import type { GrpcCallHead } from './grpc-method.ts';
import { GrpcError } from './grpc-status.ts';
import { decodeRpcStatus, retryDelayMs } from './rpc-status.ts';
import { systemClock } from './testing/clocks.ts';
import { GrpcEcho, PATH, failure, frame, once } from './testing/grpc-echo.ts';

let echo: GrpcEcho;

beforeEach(() => {
  echo = new GrpcEcho();
});

afterEach(async () => {
  await echo.close();
});

describe('calls by grpc-js', () => {
  it.each([0, 1, 100_000, 4 * 1024 * 1024])(
    'a message of %d bytes is admitted by its length and answered',
    async (length) => {
      await echo.serve();
      const message = Buffer.alloc(length, 3);
      expect((await echo.call(message)).equals(message)).toBe(true);
      expect(echo.bodies.expected).toEqual([length]);
    },
  );

  it('many calls share one connection', async () => {
    await echo.serve();
    const shared = echo.client();
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, index) => echo.call(Buffer.from(`${index}`), { client: shared })),
    );
    expect(replies.map(String)).toEqual(Array.from({ length: 200 }, (_, index) => `${index}`));
  });

  it('a gzip message stays compressed and is named so', async () => {
    await echo.serve();
    let encoding = '';
    echo.answer = (bytes, head) => {
      encoding = head.encoding;
      return gunzipSync(bytes);
    };
    const gzip = echo.client({ 'grpc.default_compression_algorithm': compressionAlgorithms.gzip });
    expect((await echo.call(Buffer.alloc(5000, 1), { client: gzip })).length).toBe(5000);
    expect(encoding).toBe('gzip');
  });

  it('address and metadata are passed on; metadata only where it is wanted', async () => {
    const heads: GrpcCallHead[] = [];
    echo.answer = (_bytes, head) => {
      heads.push(head);
      return Buffer.from(JSON.stringify([head.address, head.metadata?.['x-tenant'], head.metadata?.['grpc-timeout']]));
    };
    await echo.serve({ include_metadata: true });
    const metadata = { 'x-tenant': 'blue' };
    const options = { deadline: Date.now() + 60_000 };
    expect(JSON.parse((await echo.call(Buffer.of(1), { metadata, options })).toString())).toEqual([
      '127.0.0.1',
      ['blue'],
      null,
    ]);
    expect(heads[0]?.deadlineMs).toBeGreaterThan(systemClock.monotonic());
    await echo.serve();
    expect(JSON.parse((await echo.call(Buffer.of(1), { metadata })).toString())).toEqual(['127.0.0.1', null, null]);
    expect(heads[1]?.deadlineMs).toBeUndefined();
  });

  it('the deadline is kept while the method works, and its late answer is dropped', async () => {
    await echo.serve();
    const leave = Promise.withResolvers<Uint8Array>();
    const calling = echo.rawCall({ 'grpc-timeout': '20m' }, [frame('x')]);
    echo.answer = () => leave.promise;
    const { headers } = await calling;
    expect(headers).toMatchObject({ ':status': 200, 'grpc-status': '4' });
    leave.resolve(Buffer.of(1));
    expect(await echo.othersAreServed()).toBe(true);
  });

  it('a call that grpc-js cancels leaves no body behind', async () => {
    await echo.serve();
    const stream = echo.session().request({ ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc' });
    stream.on('error', () => undefined);
    stream.write(frame('x'.repeat(50)).subarray(0, 20));
    await echo.bodies.until(() => echo.bodies.open === 1);
    stream.close(constants.NGHTTP2_CANCEL);
    await echo.bodies.until(() => echo.bodies.open === 0);
    expect(await echo.othersAreServed()).toBe(true);
  });

  it('a client that vanishes within its message leaves no body behind', async () => {
    await echo.serve();
    const vanishing = echo.session();
    vanishing
      .request({ ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc' })
      .on('error', () => undefined)
      .write(frame('x'.repeat(50)).subarray(0, 20));
    await echo.bodies.until(() => echo.bodies.open === 1);
    vanishing.destroy();
    await echo.bodies.until(() => echo.bodies.open === 0);
    expect(await echo.othersAreServed()).toBe(true);
  });
});

describe('errors', () => {
  it.each([
    ['retryable with a delay', retryable('queue full', { retryAfterMs: 1500 }), Status.UNAVAILABLE, 1500],
    ['retryable', retryable('not now'), Status.UNAVAILABLE, undefined],
    ['retryable for lack of room', retryable('too much', { code: 'RESOURCE_EXHAUSTED' }), Status.RESOURCE_EXHAUSTED, 0],
    ['permanent', permanent('100 % naïve\n'), Status.INVALID_ARGUMENT, undefined],
    ['a status', new GrpcError('NOT_FOUND', 'gone'), Status.NOT_FOUND, undefined],
    ['unexpected', new Error('secret'), Status.INTERNAL, undefined],
  ])('%s errors of admit and of the method become the status', async (_name, error, code, delayMs) => {
    await echo.serve();
    const shared = echo.client();
    echo.bodies.refusal = error;
    const refused = await failure(echo.call(Buffer.alloc(2_000_000), { client: shared }));
    echo.bodies.refusal = undefined;
    echo.answer = () => Promise.reject(error);
    const rejected = await failure(echo.call(Buffer.of(1), { client: shared }));
    echo.answer = () => {
      throw error;
    };
    const thrown = await failure(echo.call(Buffer.of(1), { client: shared }));
    for (const got of [refused, rejected, thrown]) {
      const details = got.metadata.get('grpc-status-details-bin')[0] as Buffer | undefined;
      expect(got.code).toBe(code);
      expect(got.details).toBe(code === Status.INTERNAL ? 'internal error' : error.message);
      expect(details === undefined ? undefined : retryDelayMs(decodeRpcStatus(details))).toBe(delayMs);
    }
    echo.answer = (bytes) => bytes;
    expect((await echo.call(Buffer.of(7), { client: shared }))[0]).toBe(7);
  });

  it('a body that outgrows the budget while it is read is refused and given back', async () => {
    await echo.serve();
    echo.bodies.limitBytes = 100_000;
    const got = await failure(echo.call(Buffer.alloc(2_000_000)));
    expect(got.code).toBe(Status.UNAVAILABLE);
    expect(echo.bodies.open).toBe(0);
    expect(await echo.othersAreServed()).toBe(true);
  });

  it('a refused caller need not send the rest: its stream ends', async () => {
    await echo.serve();
    echo.bodies.refusal = retryable('not now');
    const stream = echo.session().request({ ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc' });
    stream.on('error', () => undefined);
    const answered = once(stream, 'response');
    const closed = once(stream.resume(), 'close');
    stream.write(frame('x'.repeat(50)).subarray(0, 20));
    expect((await answered)[0]).toMatchObject({ 'grpc-status': '14' });
    await closed;
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  });

  it('a message above the limit is refused before room is asked for', async () => {
    await echo.serve({ max_recv_msg_size_mib: 1 });
    const got = await failure(echo.call(Buffer.alloc(1024 * 1024 + 1)));
    expect([got.code, echo.bodies.admitted]).toEqual([Status.RESOURCE_EXHAUSTED, 0]);
    expect(got.details).toContain('max_recv_msg_size_mib');
    expect(await echo.othersAreServed()).toBe(true);
  });

  it.each([
    ['/test.Echo/Nothing', 'unknown method Nothing for service test.Echo'],
    ['/test.Nobody/Echo', 'unknown service test.Nobody'],
  ])('%s is not implemented', async (path, text) => {
    await echo.serve();
    const got = await failure(echo.call(Buffer.alloc(100_000), { path }));
    expect([got.code, got.details]).toEqual([Status.UNIMPLEMENTED, text]);
    expect(await echo.othersAreServed()).toBe(true);
  });
});
