import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/clocks.ts';
import { GrpcEcho, frame as message } from '../testing/grpc-echo.ts';
import { RawPeer, callBlock, rawFrame, settings, uint32 } from '../testing/raw-http2.ts';
import { ErrorCode } from './error-code.ts';
import { FrameFlag, FrameType, PREFACE } from './frame.ts';
import { encodeStateless } from './hpack-encoder.ts';

const { ACK, END_HEADERS, END_STREAM, PADDED, PRIORITY } = FrameFlag;
const { DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION } = FrameType;

let echo: GrpcEcho;

beforeEach(() => {
  echo = new GrpcEcho();
});

afterEach(async () => {
  await echo.close();
});

const open = (id: number, more: readonly (readonly [string, string])[] = [], flags: number = END_HEADERS): Buffer =>
  rawFrame(HEADERS, flags, id, callBlock(more));
const repeat = (count: number, frame: Buffer): Buffer[] => Array.from({ length: count }, () => frame);
const isHeaders = (id: number) => (frame: { type: number; streamId: number; flags: number }) =>
  frame.type === HEADERS && frame.streamId === id;
/** A field that an indexed table keeps: `x` and 4,000 characters, with incremental indexing. */
const largeField = Buffer.concat([Buffer.of(0x40, 1, 0x78, 0x7f, 0xa1, 0x1e), Buffer.alloc(4000, 0x61)]);

describe('what breaks the protocol ends the connection with its code, and no other connection', () => {
  const cases: Record<string, [code: number, ...frames: Buffer[]]> = {
    'DATA without a stream': [ErrorCode.PROTOCOL_ERROR, rawFrame(DATA, 0, 0, Buffer.of(1))],
    'DATA for a stream that was not opened': [ErrorCode.PROTOCOL_ERROR, rawFrame(DATA, 0, 1, Buffer.of(1))],
    'a stream with an even number': [ErrorCode.PROTOCOL_ERROR, open(2)],
    'a stream that comes too late': [ErrorCode.PROTOCOL_ERROR, open(5), open(3)],
    'HEADERS for a stream that has ended': [
      ErrorCode.STREAM_CLOSED,
      open(1),
      rawFrame(RST_STREAM, 0, 1, uint32(8)),
      open(1),
    ],
    'an interrupted header block': [ErrorCode.PROTOCOL_ERROR, open(1, [], 0), rawFrame(PING, 0, 0, Buffer.alloc(8))],
    'CONTINUATION of nothing': [ErrorCode.PROTOCOL_ERROR, rawFrame(CONTINUATION, END_HEADERS, 1)],
    PUSH_PROMISE: [ErrorCode.PROTOCOL_ERROR, rawFrame(PUSH_PROMISE, END_HEADERS, 1, uint32(2))],
    'more padding than DATA': [ErrorCode.PROTOCOL_ERROR, open(1), rawFrame(DATA, PADDED, 1, Buffer.of(9, 1))],
    'DATA without its padding length': [ErrorCode.FRAME_SIZE_ERROR, open(1), rawFrame(DATA, PADDED, 1)],
    'more padding than HEADERS': [ErrorCode.PROTOCOL_ERROR, rawFrame(HEADERS, PADDED | END_HEADERS, 1, Buffer.of(9))],
    'a stream that depends on itself': [
      ErrorCode.PROTOCOL_ERROR,
      rawFrame(HEADERS, PRIORITY | END_HEADERS, 1, Buffer.concat([uint32(1), Buffer.of(0), callBlock()])),
    ],
    'a PING of seven bytes': [ErrorCode.FRAME_SIZE_ERROR, rawFrame(PING, 0, 0, Buffer.alloc(7))],
    'a PING on a stream': [ErrorCode.PROTOCOL_ERROR, rawFrame(PING, 0, 1, Buffer.alloc(8))],
    'SETTINGS of five bytes': [ErrorCode.FRAME_SIZE_ERROR, rawFrame(SETTINGS, 0, 0, Buffer.alloc(5))],
    'an acknowledgement with settings': [ErrorCode.FRAME_SIZE_ERROR, rawFrame(SETTINGS, ACK, 0, settings([4, 1]))],
    'a window above its bounds': [ErrorCode.FLOW_CONTROL_ERROR, rawFrame(SETTINGS, 0, 0, settings([4, 2 ** 31]))],
    'a frame size below its bounds': [ErrorCode.PROTOCOL_ERROR, rawFrame(SETTINGS, 0, 0, settings([5, 100]))],
    'push neither on nor off': [ErrorCode.PROTOCOL_ERROR, rawFrame(SETTINGS, 0, 0, settings([2, 2]))],
    'a WINDOW_UPDATE of nothing': [ErrorCode.PROTOCOL_ERROR, rawFrame(WINDOW_UPDATE, 0, 0, uint32(0))],
    "the connection's window overflows": [
      ErrorCode.FLOW_CONTROL_ERROR,
      rawFrame(WINDOW_UPDATE, 0, 0, uint32(2 ** 31 - 1)),
    ],
    "SETTINGS let a stream's window overflow": [
      ErrorCode.FLOW_CONTROL_ERROR,
      open(1),
      rawFrame(WINDOW_UPDATE, 0, 1, uint32(2 ** 30)),
      rawFrame(SETTINGS, 0, 0, settings([4, 2 ** 31 - 1])),
    ],
    'a frame above the announced size': [
      ErrorCode.FRAME_SIZE_ERROR,
      rawFrame(DATA, 0, 1, Buffer.alloc(256 * 1024 + 1)),
    ],
    'a header block above the limit': [
      ErrorCode.ENHANCE_YOUR_CALM,
      rawFrame(HEADERS, 0, 1, Buffer.alloc(40_000, 0x82)),
      rawFrame(CONTINUATION, 0, 1, Buffer.alloc(40_000, 0x82)),
    ],
    'CONTINUATION frames without end': [
      ErrorCode.ENHANCE_YOUR_CALM,
      open(1, [], 0),
      ...repeat(1000, rawFrame(CONTINUATION, 0, 1)),
    ],
    'an index that is not there': [ErrorCode.COMPRESSION_ERROR, rawFrame(HEADERS, END_HEADERS, 1, Buffer.of(0xff, 99))],
    'an endless number': [ErrorCode.COMPRESSION_ERROR, rawFrame(HEADERS, END_HEADERS, 1, Buffer.alloc(30, 0xff))],
    'a table above its bounds': [
      ErrorCode.COMPRESSION_ERROR,
      rawFrame(HEADERS, END_HEADERS, 1, Buffer.of(0x3f, 0xff, 0xff, 0x03)),
    ],
    'a table size behind a field': [
      ErrorCode.COMPRESSION_ERROR,
      rawFrame(HEADERS, END_HEADERS, 1, Buffer.of(0x82, 0x20)),
    ],
  };

  it.each(Object.entries(cases))('%s', async (_name, [code, ...frames]) => {
    await echo.serve();
    const peer = RawPeer.client(echo.port);
    peer.send(...frames);
    expect(await peer.goaway()).toBe(code);
    await peer.closed();
    expect(await echo.othersAreServed()).toBe(true);
  });

  it.each([
    ['another frame than SETTINGS at first', [PREFACE, rawFrame(PING, 0, 0, Buffer.alloc(8))]],
    ['an acknowledgement of nothing at first', [PREFACE, rawFrame(SETTINGS, ACK, 0)]],
    ['half a preface and other words', [PREFACE.subarray(0, 12), Buffer.from('HTTP/1.1')]],
  ])('%s', async (_name, chunks) => {
    await echo.serve();
    const peer = RawPeer.silent(echo.port);
    peer.send(...chunks);
    expect(await peer.goaway()).toBe(ErrorCode.PROTOCOL_ERROR);
    await peer.closed();
  });
});

describe('what breaks the rules of one stream ends that stream alone', () => {
  const cases: Record<string, [code: number, ...frames: Buffer[]]> = {
    'an upper-case name': [ErrorCode.PROTOCOL_ERROR, open(1, [['X-Y', 'z']])],
    'a line break in a value': [ErrorCode.PROTOCOL_ERROR, open(1, [['x', 'a\r\nb']])],
    'a pseudo-header behind others': [ErrorCode.PROTOCOL_ERROR, open(1, [[':authority', 'x']])],
    'a field of HTTP/1': [ErrorCode.PROTOCOL_ERROR, open(1, [['connection', 'close']])],
    'no path': [ErrorCode.PROTOCOL_ERROR, rawFrame(HEADERS, END_HEADERS, 1, Buffer.of(0x83, 0x86))],
    'trailers that do not end it': [ErrorCode.PROTOCOL_ERROR, open(1), open(1)],
    'DATA behind its end': [
      ErrorCode.STREAM_CLOSED,
      open(1),
      rawFrame(DATA, 0, 1, message('x').subarray(0, 5)),
      rawFrame(DATA, END_STREAM, 1, Buffer.from('x')),
      rawFrame(DATA, 0, 1, Buffer.from('y')),
    ],
    'less DATA than announced': [
      ErrorCode.PROTOCOL_ERROR,
      open(1, [['content-length', '9']]),
      rawFrame(DATA, END_STREAM, 1, message('x')),
    ],
    'more DATA than announced': [
      ErrorCode.PROTOCOL_ERROR,
      open(1, [['content-length', '1']]),
      rawFrame(DATA, 0, 1, message('x')),
    ],
    'its window overflows': [ErrorCode.FLOW_CONTROL_ERROR, open(1), rawFrame(WINDOW_UPDATE, 0, 1, uint32(2 ** 31 - 1))],
    'a header list above the limit, of few bytes': [
      ErrorCode.ENHANCE_YOUR_CALM,
      rawFrame(HEADERS, END_HEADERS, 1, Buffer.concat([callBlock(), largeField, Buffer.alloc(10_000, 0xbe)])),
    ],
  };

  it.each(Object.entries(cases))('%s', async (_name, [code, ...frames]) => {
    await echo.serve();
    echo.answer = () => new Promise(() => undefined);
    const peer = RawPeer.client(echo.port);
    peer.send(...frames);
    expect(await peer.reset(1)).toBe(code);
    echo.answer = (bytes) => bytes;
    peer.send(open(3), rawFrame(DATA, END_STREAM, 3, message('next')));
    expect(await peer.frame(isHeaders(3))).toBeDefined();
    expect(peer.isClosed).toBe(false);
    peer.socket.destroy();
  });

  it('streams above the limit are refused, and the others go on', async () => {
    await echo.serve({ max_concurrent_streams: 2 });
    const peer = RawPeer.client(echo.port);
    peer.send(open(1), open(3), open(5), rawFrame(DATA, END_STREAM, 3, message('x')));
    expect(await peer.reset(5)).toBe(ErrorCode.REFUSED_STREAM);
    expect(await peer.frame(isHeaders(3))).toBeDefined();
    peer.socket.destroy();
  });

  it('a message above the limit is answered at once, and what is still on its way is ignored', async () => {
    await echo.serve({ max_recv_msg_size_mib: 1 });
    const peer = RawPeer.client(echo.port);
    peer.send(open(1), rawFrame(DATA, 0, 1, Buffer.of(0, 0x7f, 0, 0, 0)), rawFrame(DATA, 0, 1, Buffer.alloc(1000)));
    expect(await peer.reset(1)).toBe(ErrorCode.NO_ERROR);
    peer.send(...repeat(50, rawFrame(DATA, 0, 1, Buffer.alloc(10_000))));
    peer.send(rawFrame(PING, 0, 0, Buffer.from('12345678')));
    expect(await peer.frame(({ type }) => type === PING)).toMatchObject({ flags: ACK });
    expect(peer.frames.filter(({ type }) => type === RST_STREAM)).toHaveLength(1);
    peer.socket.destroy();
  });
});

describe('floods end the connection', () => {
  const permissive = { keepalive: { enforcement_policy: { min_time: 0, permit_without_stream: true } } };

  it.each([
    ['SETTINGS', rawFrame(SETTINGS, 0, 0)],
    ['acknowledgements', rawFrame(SETTINGS, ACK, 0)],
    ['PING', rawFrame(PING, 0, 0, Buffer.alloc(8))],
    ['PRIORITY', rawFrame(2, 0, 9, Buffer.alloc(5))],
    ['unknown frames', rawFrame(200, 0, 0, Buffer.of(1))],
    ['empty DATA', rawFrame(DATA, 0, 1)],
    ['DATA of padding', rawFrame(DATA, PADDED, 1, Buffer.of(1, 0))],
    ['WINDOW_UPDATE', rawFrame(WINDOW_UPDATE, 0, 1, uint32(1))],
  ])('%s', async (_name, frame) => {
    await echo.serve(permissive, new ManualClock());
    const peer = RawPeer.client(echo.port);
    peer.send(open(1), ...repeat(11_000, frame));
    expect(await peer.goaway()).toBe(ErrorCode.ENHANCE_YOUR_CALM);
    peer.socket.destroy();
    expect(await echo.othersAreServed()).toBe(true);
  });

  it('streams that are opened and reset (CVE-2023-44487)', async () => {
    await echo.serve({}, new ManualClock());
    const peer = RawPeer.client(echo.port);
    for (let id = 1; id < 2400; id += 2) peer.send(open(id), rawFrame(RST_STREAM, 0, id, uint32(8)));
    expect(await peer.goaway()).toBe(ErrorCode.ENHANCE_YOUR_CALM);
    peer.socket.destroy();
    expect(echo.bodies.open).toBe(0);
    expect(await echo.othersAreServed()).toBe(true);
  });

  it('streams whose reset is provoked (CVE-2025-8671)', async () => {
    await echo.serve({}, new ManualClock());
    const peer = RawPeer.client(echo.port);
    for (let id = 1; id < 2400; id += 2) peer.send(open(id), rawFrame(WINDOW_UPDATE, 0, id, uint32(2 ** 31 - 1)));
    expect(await peer.goaway()).toBe(ErrorCode.ENHANCE_YOUR_CALM);
    peer.socket.destroy();
    expect(await echo.othersAreServed()).toBe(true);
  });

  it('a client that does useful calls may send its overhead without end', async () => {
    await echo.serve(permissive, new ManualClock());
    const peer = RawPeer.client(echo.port);
    for (let id = 1; id < 6000; id += 2) {
      peer.send(open(id), rawFrame(DATA, END_STREAM, id, message('x')), rawFrame(PING, 0, 0, Buffer.alloc(8)));
      peer.send(rawFrame(WINDOW_UPDATE, 0, 0, uint32(100)), ...repeat(3, rawFrame(200, 0, 0)));
    }
    peer.send(rawFrame(PING, 0, 0, Buffer.from('the end.')));
    const last = await peer.frame(({ type, payload }) => type === PING && payload.toString() === 'the end.');
    expect(last).toMatchObject({ flags: ACK });
    peer.socket.destroy();
  });
});

describe('what a client may do', () => {
  it('padding, priorities, unknown frames and settings, and CONTINUATION are understood', async () => {
    await echo.serve();
    const peer = RawPeer.client(echo.port, settings([0x99, 7], [1, 0], [5, 100_000]));
    const block = Buffer.from(callBlock([['x-long', 'y'.repeat(300)]]));
    const head = Buffer.concat([Buffer.of(3), uint32(0), Buffer.of(7), block.subarray(0, 20), Buffer.alloc(3)]);
    const body = message('padded');
    peer.send(
      rawFrame(99, 0xff, 7, Buffer.from('unknown')),
      rawFrame(HEADERS, PADDED | PRIORITY, 1, head),
      rawFrame(CONTINUATION, 0, 1, block.subarray(20, 50)),
      rawFrame(CONTINUATION, END_HEADERS, 1, block.subarray(50)),
      rawFrame(DATA, PADDED, 1, Buffer.concat([Buffer.of(200), body.subarray(0, 3), Buffer.alloc(200)])),
      rawFrame(DATA, PADDED | END_STREAM, 1, Buffer.concat([Buffer.of(0), body.subarray(3)])),
    );
    const data = await peer.frame(({ type }) => type === DATA);
    expect(data?.payload.equals(body)).toBe(true);
    // The block acknowledges that the client keeps no table (RFC 7541, section 4.2).
    expect((await peer.frame(isHeaders(1)))?.payload[0]).toBe(0x20);
    peer.socket.destroy();
  });

  it('trailers end a request', async () => {
    await echo.serve();
    const peer = RawPeer.client(echo.port);
    const trailers = rawFrame(HEADERS, END_HEADERS | END_STREAM, 1, Buffer.of(0, 1, 0x78, 1, 0x79));
    peer.send(open(1), rawFrame(DATA, 0, 1, message('x')), trailers);
    expect(await peer.frame(({ type }) => type === DATA)).toBeDefined();
    peer.socket.destroy();
  });

  it('its windows are kept to, and streams take turns', async () => {
    await echo.serve();
    const peer = RawPeer.client(echo.port, settings([4, 10]));
    for (const id of [1, 3]) peer.send(open(id), rawFrame(DATA, END_STREAM, id, message('x'.repeat(30))));
    const dataOf = (id: number) => peer.frames.filter(({ type, streamId }) => type === DATA && streamId === id);
    await peer.frame(({ type, streamId }) => type === DATA && streamId === 3);
    expect([dataOf(1), dataOf(3)].map((frames) => frames.map(({ payload }) => payload.length))).toEqual([[10], [10]]);
    // A smaller window takes back what was given; then it grows.
    peer.send(rawFrame(SETTINGS, 0, 0, settings([4, 0])), rawFrame(WINDOW_UPDATE, 0, 1, uint32(10)));
    peer.send(rawFrame(WINDOW_UPDATE, 0, 1, uint32(25)), rawFrame(SETTINGS, 0, 0, settings([4, 1000])));
    await peer.frame(({ type, streamId, flags }) => type === HEADERS && streamId === 3 && (flags & END_STREAM) !== 0);
    await peer.frame(({ type, streamId, flags }) => type === HEADERS && streamId === 1 && (flags & END_STREAM) !== 0);
    expect(Buffer.concat(dataOf(1).map(({ payload }) => payload)).equals(message('x'.repeat(30)))).toBe(true);
    peer.socket.destroy();
  });

  it('a large window is given back in few updates', async () => {
    await echo.serve();
    const peer = RawPeer.client(echo.port, settings([4, 2 ** 31 - 1]));
    peer.send(rawFrame(WINDOW_UPDATE, 0, 0, uint32(2 ** 30)));
    const bytes = message('x'.repeat(300_000));
    for (let id = 1; id < 30; id += 2) {
      peer.send(open(id));
      for (let at = 0; at < bytes.length; at += 16_384) {
        const isLast = at + 16_384 >= bytes.length;
        peer.send(rawFrame(DATA, isLast ? END_STREAM : 0, id, bytes.subarray(at, at + 16_384)));
      }
      await peer.frame(
        ({ type, streamId, flags }) => type === HEADERS && streamId === id && (flags & END_STREAM) !== 0,
      );
    }
    const updates = peer.frames.filter(({ type }) => type === WINDOW_UPDATE);
    // The first one enlarges the window at the start, the second comes after 4 MiB.
    expect(updates).toHaveLength(2);
    peer.socket.destroy();
  });

  it('one that does not read its answers is not read either', async () => {
    await echo.serve();
    const peer = RawPeer.client(echo.port);
    peer.socket.pause();
    // The name of an unknown method comes back at once, whatever the windows.
    const block = (path: string) =>
      encodeStateless([
        [':method', 'POST'],
        [':scheme', 'http'],
        [':path', path],
        ['content-type', 'application/grpc'],
      ]);
    const unknown = block(`/test.Echo/${'~'.repeat(12_000)}`);
    let sentBytes = 0;
    for (let id = 1; peer.socket.writableLength < 2 ** 20 && sentBytes < 2 ** 26; id += 2) {
      peer.send(rawFrame(HEADERS, END_HEADERS | END_STREAM, id, unknown));
      sentBytes += unknown.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(peer.socket.writableLength).toBeGreaterThanOrEqual(2 ** 20);
    expect(await echo.othersAreServed()).toBe(true);
    peer.socket.resume();
    peer.send(rawFrame(PING, 0, 0, Buffer.from('the end.')));
    await new Promise<void>((resolve) => {
      peer.socket.on('data', () => (peer.socket.writableLength === 0 ? resolve() : undefined));
    });
    peer.socket.destroy();
  });

  it('a client that says it goes is let go after its calls', async () => {
    await echo.serve();
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<Uint8Array>();
    echo.answer = () => {
      entered.resolve();
      return leave.promise;
    };
    const peer = RawPeer.client(echo.port);
    peer.send(open(1), rawFrame(DATA, END_STREAM, 1, message('x')));
    await entered.promise;
    peer.send(rawFrame(GOAWAY, 0, 0, uint32(0, 0)));
    expect(await peer.goaway()).toBe(ErrorCode.NO_ERROR);
    leave.resolve(Buffer.from('bye'));
    expect(await peer.frame(({ type }) => type === DATA)).toBeDefined();
    await peer.closed();
  });
});
