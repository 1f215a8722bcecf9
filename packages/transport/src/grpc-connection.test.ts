import { constants } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { status as Status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from './testing/clocks.ts';
import { GrpcEcho, PATH, failure, frame, once } from './testing/grpc-echo.ts';

let echo: GrpcEcho;

beforeEach(() => {
  echo = new GrpcEcho();
});

afterEach(async () => {
  await echo.close();
});

describe('the protocol', () => {
  it('a message split anywhere over DATA frames arrives whole', async () => {
    await echo.serve();
    const bytes = frame('hello');
    const { body, trailers } = await echo.rawCall(
      {},
      Array.from(bytes, (byte) => Buffer.of(byte)),
    );
    expect(body.equals(bytes)).toBe(true);
    expect(trailers['grpc-status']).toBe('0');
  });

  it.each([
    ['no message', {}, [], '13'],
    ['half a prefix', {}, [Buffer.of(0, 0)], '13'],
    ['half a message', {}, [frame('hello').subarray(0, 8)], '13'],
    ['two messages', {}, [frame('a'), frame('b')], '13'],
    ['two messages in one frame', {}, [Buffer.concat([frame('a'), frame('b')])], '13'],
    ['unknown flags', {}, [frame('a', 2)], '13'],
    ['a compressed message without an encoding', {}, [frame('a', 1)], '13'],
    ['an unknown encoding', { 'grpc-encoding': 'br' }, [frame('a', 1)], '12'],
    ['a bad timeout', { 'grpc-timeout': '5 minutes' }, [frame('a')], '13'],
    ['a timeout of zero', { 'grpc-timeout': '0n' }, [frame('a')], '4'],
    ['an uncompressed message of a known encoding', { 'grpc-encoding': 'zstd' }, [frame('a')], '0'],
  ] as const)('a call with %s gets its status', async (_name, headers, chunks, status) => {
    await echo.serve();
    const got = await echo.rawCall(headers, chunks);
    expect(got.headers[':status']).toBe(200);
    expect(got.headers['grpc-status'] ?? got.trailers['grpc-status']).toBe(status);
    expect(got.headers['grpc-accept-encoding']).toBe(status === '12' ? 'identity,gzip,deflate,zstd,snappy' : undefined);
    expect(echo.bodies.open).toBe(0);
    expect(await echo.othersAreServed()).toBe(true);
  });

  it.each([
    [{ ':method': 'GET' }, 405],
    [{ 'content-type': 'application/json' }, 415],
    [{ 'content-type': 'application/grpcx' }, 415],
  ])('a request with %j is no call', async (headers, status) => {
    await echo.serve();
    const { headers: got } = await echo.rawCall(headers, []);
    expect(got[':status']).toBe(status);
    expect(await echo.othersAreServed()).toBe(true);
  });

  it.each([
    ['HTTP/1', 'POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx'],
    ['a TLS hello', Buffer.from('16030100a5010000a1030300', 'hex')],
    ['random bytes', Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 251))],
    [
      'a preface and garbage',
      Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(200, 0xff)]),
    ],
  ])('%s on the port ends that connection and no other', async (_name, bytes) => {
    await echo.serve();
    const socket = connect(echo.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(bytes);
    await once(socket, 'close');
    expect(await echo.othersAreServed()).toBe(true);
  });

  it('a client that opens and cancels calls without end is disconnected, the others are not', async () => {
    await echo.serve();
    const attacker = echo.session();
    const closed = once(attacker, 'close');
    for (let round = 0; !attacker.destroyed && round < 20_000; round += 1) {
      const stream = attacker.request({ ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc' });
      stream.on('error', () => undefined);
      stream.close(constants.NGHTTP2_CANCEL);
      if (round % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await closed;
    expect(await echo.othersAreServed()).toBe(true);
  });
});

describe('connections', () => {
  const pings = async (made: ClientHttp2Session, count: number): Promise<void> => {
    const closed = once(made, 'close');
    for (let sent = 0; sent < count && !made.destroyed; sent += 1) {
      const answered = new Promise<void>((resolve) => made.ping(() => resolve()));
      await Promise.race([answered, closed]);
    }
  };

  it('a client that pings too often is told to calm down', async () => {
    await echo.serve();
    const made = echo.session();
    const goaway = once(made, 'goaway');
    await once(made, 'connect');
    await pings(made, 6);
    const [code, , data] = (await goaway) as [number, number, Buffer];
    expect([code, data.toString()]).toEqual([constants.NGHTTP2_ENHANCE_YOUR_CALM, 'too_many_pings']);
    expect(await echo.othersAreServed()).toBe(true);
  });

  it('a client may ping as often as the policy permits', async () => {
    await echo.serve({ keepalive: { enforcement_policy: { min_time: 0, permit_without_stream: true } } });
    const made = echo.session();
    await once(made, 'connect');
    await pings(made, 20);
    expect(made.destroyed).toBe(false);
  });

  it('an old connection is told to go, its call ends, and grpc-js goes on with a new one', async () => {
    const clock = new ManualClock();
    await echo.serve({ keepalive: { server_parameters: { max_connection_age: 60_000 } } }, clock);
    const shared = echo.client();
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    echo.answer = async (bytes) => {
      entered.resolve();
      await leave.promise;
      return bytes;
    };
    const pending = echo.call(Buffer.from('old'), { client: shared });
    await entered.promise;
    clock.advance(60_000);
    leave.resolve();
    expect((await pending).toString()).toBe('old');
    expect((await echo.call(Buffer.from('new'), { client: shared })).toString()).toBe('new');
  });

  it('an old connection is cut after its grace', async () => {
    const clock = new ManualClock();
    const parameters = { max_connection_age: 60_000, max_connection_age_grace: 5000 };
    await echo.serve({ keepalive: { server_parameters: parameters } }, clock);
    const entered = Promise.withResolvers<void>();
    echo.answer = () => {
      entered.resolve();
      return new Promise(() => undefined);
    };
    const failing = failure(echo.call(Buffer.of(1)));
    await entered.promise;
    clock.advance(60_000);
    clock.advance(5000);
    expect((await failing).code).toBe(Status.UNAVAILABLE);
  });

  it('an idle connection is told to go', async () => {
    const clock = new ManualClock();
    await echo.serve({ keepalive: { server_parameters: { max_connection_idle: 1000 } } }, clock);
    const made = echo.session();
    await once(made, 'remoteSettings');
    const closed = once(made, 'close');
    clock.advance(1000);
    await closed;
    expect(made.destroyed).toBe(true);
  });

  it('a client that does not answer pings is dropped', async () => {
    const clock = new ManualClock();
    await echo.serve({ keepalive: { server_parameters: { time: 1000, timeout: 500 } } }, clock);
    const socket = connect(echo.port, '127.0.0.1');
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    // The first look sees that something was read since the connection began.
    clock.advance(1000);
    clock.advance(1000);
    clock.advance(500);
    await closed;
    expect(socket.destroyed).toBe(true);
  });

  it('a client that never begins to speak is dropped', async () => {
    const clock = new ManualClock();
    await echo.serve({}, clock);
    const socket = connect(echo.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'data');
    const closed = once(socket, 'close');
    clock.advance(120_000);
    await closed;
    expect(socket.destroyed).toBe(true);
  });

  it('shutdown answers what is under way, sends clients away, and may come twice', async () => {
    const server = await echo.serve();
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    echo.answer = async (bytes) => {
      entered.resolve();
      await leave.promise;
      return bytes;
    };
    const pending = echo.call(Buffer.from('last'));
    await entered.promise;
    const stopped = Promise.all([server.shutdown(60_000), server.shutdown(60_000)]);
    leave.resolve();
    expect((await pending).toString()).toBe('last');
    await stopped;
    expect((await failure(echo.call(Buffer.of(1)))).code).toBe(Status.UNAVAILABLE);
  });

  it('shutdown cuts what is not done within the grace', async () => {
    const server = await echo.serve();
    const entered = Promise.withResolvers<void>();
    echo.answer = () => {
      entered.resolve();
      return new Promise(() => undefined);
    };
    const failing = failure(echo.call(Buffer.of(1)));
    await entered.promise;
    await server.shutdown(10);
    expect((await failing).code).toBe(Status.UNAVAILABLE);
  });

  it('a port in use is an error that says what to do', async () => {
    await echo.serve();
    await expect(echo.serve({ endpoint: `127.0.0.1:${echo.port}` })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
