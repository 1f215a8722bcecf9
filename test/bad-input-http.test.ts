/** Every request that is not what it claims to be gets the Collector's status and says why; others go on undisturbed. */
import { connect, type Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { besideAnother } from './harness/bystander.ts';
import { atEndOf } from './harness/cleanup.ts';
import { Destination, directly } from './harness/destination.ts';
import { type Millrace, startCollector } from './harness/millrace.ts';
import { ensurePrograms, INSTALL_TIMEOUT_MS, pipeThrough } from './harness/programs.ts';
import { type HttpAnswer, idList, idsOf, logsJson, logsProto, post, postLogs } from './harness/requests.ts';

const BODY_BYTES_MAX = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };
const PROTOBUF = { 'content-type': 'application/x-protobuf' };

describe.each([0, 1])('with %i worker threads', (threads) => {
  let destination: Destination;
  let collector: Millrace;

  beforeAll(async () => {
    ensurePrograms('lz4');
    destination = await Destination.start('file');
    collector = await startCollector(
      `
receivers:
  otlp: { protocols: { http: { endpoint: 127.0.0.1:0, max_request_body_size: ${BODY_BYTES_MAX} } } }
exporters:
  otlphttp: ${directly(destination)}
service:
  pipelines:
    logs: { receivers: [otlp], exporters: [otlphttp] }
`,
      { threads, lifetime: 'file' },
    );
  }, INSTALL_TIMEOUT_MS);

  /** Posts to /v1/logs while another client is served. */
  function refused(body: string | Uint8Array | readonly Uint8Array[], headers: object): Promise<HttpAnswer> {
    const http = collector.http();
    return besideAnother({ http, destination }, () => post(`${http}/v1/logs`, body, { ...headers }));
  }

  test('malformed protobuf is refused with 400 and the place of the fault', async () => {
    const proto = logsProto(['cut-off']);
    const answer = await refused(proto.subarray(0, proto.length - 3), PROTOBUF);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/x-protobuf');
    expect(statusOf(answer)).toMatchObject({
      code: 3,
      message: expect.stringMatching(/byte|offset|at \d+/i) as string,
    });
  });

  test('a body that is no protobuf at all is refused with 400', async () => {
    const answer = await refused(Buffer.from('GET / HTTP/1.1'), PROTOBUF);
    expect(answer.status).toBe(400);
    expect(statusOf(answer).message).not.toBe('');
  });

  test('a string that is not UTF-8 is refused with 400', async () => {
    const proto = Buffer.from(logsProto(['utf8-fault']));
    proto[proto.indexOf('record utf8-fault')] = 0xff;
    const answer = await refused(proto, PROTOBUF);
    expect(answer.status).toBe(400);
    expect(statusOf(answer).message).toMatch(/UTF-8/);
  });

  test('malformed JSON is refused with 400, as JSON, and the place of the fault', async () => {
    const answer = await refused('{"resourceLogs":[{]}', JSON_TYPE);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.text)).toMatchObject({
      code: 3,
      message: expect.stringContaining('(at 1:19, resourceLogs[0])') as string,
    });
  });

  test('JSON of the wrong shape is refused with 400 and says what was expected', async () => {
    const answer = await refused('{"resourceLogs":{"scopeLogs":7}}', JSON_TYPE);
    expect(answer.status).toBe(400);
    expect((JSON.parse(answer.text) as { message: string }).message).toContain(
      'expected a list, found an object (at 1:17, resourceLogs)',
    );
  });

  test('JSON that nests without end is refused with 400', async () => {
    const deep = '{"arrayValue":{"values":['.repeat(20_000);
    const answer = await refused(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${deep}`, JSON_TYPE);
    expect(answer.status).toBe(400);
    expect((JSON.parse(answer.text) as { message: string }).message).toMatch(/nest|deep/i);
  });

  test('a content type that is not OTLP is refused with 415 and a list of what is', async () => {
    const answer = await refused('a=b', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(answer.status).toBe(415);
    expect(answer.text).toMatch(/application\/json.*application\/x-protobuf/);
  });

  test('a missing content type is refused with 415', async () => {
    expect((await refused(logsJson(['untyped']), {})).status).toBe(415);
  });

  test('an unknown content encoding is refused with 400 and its name', async () => {
    const body = brotliCompressSync(logsJson(['br']));
    const answer = await refused(body, { ...JSON_TYPE, 'content-encoding': 'br' });
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(/unsupported Content-Encoding: br/);
  });

  test('a body that is not in its content encoding is refused with 400', async () => {
    for (const encoding of ['gzip', 'zstd', 'zlib', 'deflate', 'lz4', 'snappy', 'x-snappy-framed']) {
      const answer = await refused(logsJson(['plain']), { ...JSON_TYPE, 'content-encoding': encoding });
      expect({ encoding, status: answer.status }).toEqual({ encoding, status: 400 });
      expect(answer.text).toMatch(/cannot decompress/);
    }
  });

  const bomb = Buffer.alloc(256 * 1024 * 1024);
  test.each([
    ['gzip', () => gzipSync(bomb, { level: 9 })],
    ['deflate', () => deflateSync(bomb, { level: 9 })],
    ['zlib', () => deflateSync(bomb, { level: 9 })],
    ['zstd', () => zstdCompressSync(bomb)],
    ['lz4', () => pipeThrough('lz4', ['-c'], bomb.subarray(0, BODY_BYTES_MAX * 100))],
    ['snappy', () => snappyBomb()],
    ['deflate', () => deflateRawSync(bomb)],
  ])('a %s bomb is refused with 413 before it is unpacked', async (encoding, make) => {
    const body = make();
    expect(body.length).toBeLessThan(BODY_BYTES_MAX);
    const before = await collector.scrape();
    const answer = await refused(body, { ...JSON_TYPE, 'content-encoding': encoding });
    expect(answer.status).toBe(413);
    expect(answer.text).toContain(`${BODY_BYTES_MAX}`);
    const after = await collector.scrape();
    const grown = after.sum('otelcol_process_memory_rss') - before.sum('otelcol_process_memory_rss');
    expect(grown).toBeLessThan(bomb.length / 2);
  });

  test('a body above the limit is refused with 413 by its Content-Length alone', async () => {
    const socket = await open(collector.http());
    socket.write(
      `POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${BODY_BYTES_MAX + 1}\r\n\r\n`,
    );
    const answer = await socket.answer();
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain(`larger than ${BODY_BYTES_MAX} bytes (max_request_body_size)`);
  });

  test('a body above the limit is refused with 413 when it comes in chunks', async () => {
    const chunk = Buffer.alloc(64 * 1024, ' ');
    const answer = await refused(
      Array.from({ length: 17 }, () => chunk),
      JSON_TYPE,
    );
    expect(answer.status).toBe(413);
    expect(answer.text).toContain('max_request_body_size');
  });

  test('a body of exactly the limit is taken', async () => {
    const text = logsJson(['brim-full']);
    const answer = await post(`${collector.http()}/v1/logs`, text.padEnd(BODY_BYTES_MAX, ' '));
    expect(answer.status).toBe(200);
  });

  test('the wrong method is refused with 405, and an unknown path with 404', async () => {
    const got = await fetch(`${collector.http()}/v1/logs`);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await post(`${collector.http()}/v1/nothing`, '{}')).status).toBe(404);
    const untaken = await post(`${collector.http()}/v1/traces`, '{}');
    expect(untaken.status).toBe(404);
    expect(untaken.text).toContain('no pipeline takes traces from the receiver');
  });

  test('bytes that are not HTTP are refused with 400, and the connection ends', async () => {
    const socket = await open(collector.http());
    socket.write('\0\x01\x02 garbage\r\n\r\n');
    expect(await socket.answer()).toMatch(/^HTTP\/1.1 400 /);
    await socket.closed;
  });

  test('half a body: a client that says more than it sends and ends is given up, and nothing of it is taken', async () => {
    const http = collector.http();
    const body = logsJson(['half-a-body']);
    await besideAnother({ http, destination }, async () => {
      const socket = await open(http);
      socket.write(head(body.length + 10) + body);
      socket.end();
      await socket.closed;
    });
    expect(idsOf(destination.items.entries)).not.toContain('half-a-body');
    await collector.metric('millrace_bytes_in_flight', {}, (bytes) => bytes === 0);
  });

  test('clients that vanish in the middle of a request leave nothing behind', async () => {
    const http = collector.http();
    const body = logsJson(idList('vanished', 100));
    await besideAnother({ http, destination }, async () => {
      for (let client = 0; client < 50; client++) {
        const socket = await open(http);
        socket.write(head(body.length) + body.slice(0, body.length / 2));
        if (client % 2 === 0) socket.destroy();
        else socket.reset();
      }
    });
    expect(idsOf(destination.items.entries).filter((id) => id.startsWith('vanished'))).toEqual([]);
    await collector.metric('millrace_bytes_in_flight', {}, (bytes) => bytes === 0);
  });

  test('a client that vanishes after its request is whole does not disturb its delivery', async () => {
    const socket = await open(collector.http());
    const body = logsJson(['last-words']);
    socket.write(head(body.length) + body);
    socket.end();
    expect(await destination.items.find((item) => idsOf([item])[0] === 'last-words')).toBeDefined();
  });

  test('a slow client is waited for, byte by byte, while others are served', async () => {
    const http = collector.http();
    const body = logsJson(['slow']);
    const answer = await besideAnother({ http, destination }, async () => {
      const socket = await open(http);
      socket.write(head(body.length));
      // Each part waits until another client has been served in between.
      for (let at = 0; at < body.length; at += 40) {
        socket.write(body.slice(at, at + 40));
        await postLogs(http, [`between-${at}`]);
      }
      const text = await socket.answer();
      socket.destroy();
      return text;
    });
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(idsOf(destination.items.entries)).toContain('slow');
  });

  test('2,000 idle connections and 200 half-sent requests do not keep others from being served', async () => {
    const http = collector.http();
    await besideAnother({ http, destination }, async () => {
      const idle = await Promise.all(Array.from({ length: 2_000 }, () => open(http)));
      for (const socket of idle.slice(0, 200)) socket.write(head(1_000) + '{"resourceLogs":');
      const answers = await Promise.all(idList('busy', 50).map((id) => postLogs(http, [id])));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      for (const socket of idle) socket.destroy();
    });
    await collector.metric('millrace_bytes_in_flight', {}, (bytes) => bytes === 0);
  });

  test('what was refused is counted, and the collector has nothing to complain about', async () => {
    const scraped = await collector.scrape();
    expect(scraped.sum('otelcol_receiver_refused_requests', { receiver: 'otlp' })).toBeGreaterThan(10);
    expect(collector.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
  });
});

test.each(['keep-alive', 'close'])(
  'the sender of a large body that is refused gets the answer, not a broken connection (connection: %s)',
  async (connection) => {
    const collector = await startCollector(`
receivers:
  otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } }
exporters: { nop: }
service: { pipelines: { logs: { receivers: [otlp], exporters: [nop] } } }
`);
    const body = Buffer.alloc(8_000_000, 'x');
    const outcomes: unknown[] = [];
    for (let time = 0; time < 40; time++) {
      const headers = { 'content-type': 'text/plain', connection };
      outcomes.push(await post(`${collector.http()}/v1/logs`, body, headers).then(({ status }) => status, String));
    }
    expect(outcomes.filter((outcome) => outcome !== 415)).toEqual([]);
  },
);

describe('read_timeout', () => {
  test('a client that does not send its body in time gets 408, and its connection ends', async () => {
    const destination = await Destination.start();
    const collector = await startCollector(`
receivers:
  otlp: { protocols: { http: { endpoint: 127.0.0.1:0, read_timeout: 300ms } } }
exporters:
  otlphttp: ${directly(destination)}
service:
  pipelines:
    logs: { receivers: [otlp], exporters: [otlphttp] }
`);
    const http = collector.http();
    await besideAnother({ http, destination }, async () => {
      const socket = await open(http);
      socket.write(head(1_000) + '{');
      expect(await socket.answer()).toMatch(/^HTTP\/1.1 408 /);
      await socket.closed;
    });
  });
});

function head(length: number): string {
  return `POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
}

/** A bare connection. */
interface RawClient {
  write(text: string): void;
  end(): void;
  destroy(): void;
  /** Ends with a TCP reset. */
  reset(): void;
  /** The first bytes that come back, up to the end of a whole response. */
  answer(): Promise<string>;
  readonly closed: Promise<void>;
}

function open(http: string): Promise<RawClient> {
  const { hostname, port } = new URL(http);
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: hostname, port: Number(port), allowHalfOpen: false });
    atEndOf('test', () => void socket.destroy());
    let text = '';
    const closed = new Promise<void>((done) => socket.on('close', () => done()));
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('connect', () =>
      resolve({
        write: (bytes) => void socket.write(bytes, 'latin1'),
        end: () => void socket.end(),
        destroy: () => void socket.destroy(),
        reset: () => void socket.resetAndDestroy(),
        closed,
        answer: async () => {
          while (!isWhole(text)) {
            await Promise.race([new Promise((more) => socket.once('data', more)), closed]);
            if (socket.closed) return text;
          }
          return text;
        },
      }),
    );
  });
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(text);
  return end >= 0 && (length === null ? /connection: close/i.test(text) : text.length >= end + 4 + Number(length[1]));
}

/** A google.rpc.Status: code and message. */
function statusOf({ body }: HttpAnswer): { code: number; message: string } {
  expect(body[0]).toBe(0x08);
  expect(body[2]).toBe(0x12);
  // Longer messages have a length of two bytes.
  const start = body[3] < 0x80 ? 4 : 5;
  return { code: body[1], message: body.subarray(start).toString() };
}

/** A raw snappy block that says it unpacks to 4 GiB. */
function snappyBomb(): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), Buffer.alloc(64, 0xfe)]);
}
