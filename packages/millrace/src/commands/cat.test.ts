import {
  AGE_CHUNK_BYTES,
  AgeEncryptor,
  compress,
  formatIdentityFile,
  generateIdentity,
  paddingFrame,
  recipientOf,
} from '@millrace/codec';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf, samplesOf } from '@millrace/testkit';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from 'vitest';
import { cat, type CatOptions } from './cat.ts';
import { keygen } from './keygen.ts';

const identity = generateIdentity();
const recipients = [recipientOf(identity)];
let directory = '';
let key = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-cat-'));
  key = file('.key', formatIdentityFile(identity, new Date(0)));
  return () => rmSync(directory, { recursive: true });
});

function file(name: string, content: Uint8Array | string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** Runs the command; what it prints, and its exit code. */
async function run(files: readonly string[], options: CatOptions = {}) {
  const texts = ['', ''];
  const [stdout, stderr] = texts.map(
    (_, index) =>
      new Writable({
        write(bytes: Buffer, _encoding, done) {
          texts[index] += bytes.toString();
          done();
        },
      }),
  );
  const code = await cat(files, options, { stdout, stderr });
  return { code, out: texts[0], err: texts[1], lines: texts[0].split('\n').slice(0, -1) };
}

/** A line of OTLP/JSON with one record. */
const lineOf = (body: string) =>
  `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":${JSON.stringify(body)}}}]}]}]}\n`;

const prefixed = (...messages: Uint8Array[]) =>
  Buffer.concat(
    messages.flatMap((message) => {
      const prefix = Buffer.alloc(4);
      prefix.writeUInt32BE(message.byteLength);
      return [prefix, message];
    }),
  );

function sealed(content: Uint8Array): Buffer {
  const encryptor = new AgeEncryptor(recipients);
  return Buffer.concat([encryptor.write(content), encryptor.end()]);
}

describe('whatever the name is', () => {
  const content = Buffer.from(lineOf('one') + lineOf('two'));

  it.each(['none', 'gzip', 'zstd', 'lz4'] as const)('%s is recognised, encrypted and not', async (codec) => {
    const packed = Buffer.concat(
      [content.subarray(0, lineOf('one').length), content.subarray(lineOf('one').length)].map((part) =>
        compress(part, { codec }),
      ),
    );
    for (const bytes of [packed, sealed(packed)]) {
      const { code, out, err } = await run([file('x.bin', bytes)], { identity: key, json: true });
      expect([code, out, err]).toEqual([0, content.toString(), '']);
    }
  });

  it('padding between frames, empty lines and empty requests are passed over', async () => {
    const packed = ['one', 'two'].map((body) => compress(Buffer.from(lineOf(body)), { codec: 'zstd' }));
    const zstd = file('a', Buffer.concat([packed[0], paddingFrame('zstd', 100), packed[1]]));
    const lines = file('b', `${lineOf('one')}\n\n{}\n${lineOf('two')}`);
    const request = jsonToProto('logs', lineOf('one'));
    const messages = file('c', prefixed(request, Uint8Array.of(0xc2, 0x3e, 1, 0), new Uint8Array(0), request));
    for (const path of [zstd, lines]) expect((await run([path], { json: true })).out).toBe(content.toString());
    expect((await run([messages], { json: true })).lines).toHaveLength(2);
  });

  it.each(['logs', 'traces', 'metrics', 'profiles'] as const)(
    'messages of %s are told from the others',
    async (signal) => {
      const samples = samplesOf(signal);
      const path = file('x', prefixed(...samples.map(({ bytes }) => bytes)));
      const { lines, code } = await run([path], { json: true });
      expect(code).toBe(0);
      expect(lines).toEqual(samples.map(({ bytes }) => Buffer.from(protoToJson(signal, bytes)).toString()));
    },
  );

  it('messages that the Collector compressed one by one are read', async () => {
    const lines = ['one', 'two'].map((body) => compress(Buffer.from(lineOf(body).trimEnd()), { codec: 'zstd' }));
    expect((await run([file('x', prefixed(...lines))], { json: true })).out).toBe(content.toString());
  });

  it('an empty file has nothing in it', async () => {
    expect(await run([file('x', '')])).toMatchObject({ code: 0, out: '', err: '' });
  });

  it('a last line without its end is printed if it is whole', async () => {
    expect(await run([file('x', content.toString().trimEnd())], { json: true })).toMatchObject({
      code: 0,
      out: content.toString(),
    });
  });
});

describe('for people', () => {
  it('a log record is a line with its time, severity, service, body and attributes', async () => {
    const request = {
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] },
          scopeLogs: [
            {
              logRecords: [
                {
                  timeUnixNano: '1700000000123456789',
                  severityNumber: 14,
                  body: { stringValue: 'two\nlines \u001b[31mred' },
                  attributes: [
                    { key: 'user', value: { stringValue: 'a b' } },
                    { key: 'n', value: { intValue: '9007199254740993' } },
                  ],
                },
                {
                  observedTimeUnixNano: '1700000000000000000',
                  severityText: 'Notice',
                  body: { kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } },
                },
              ],
            },
          ],
        },
      ],
    };
    expect((await run([file('x', `${JSON.stringify(request)}\n`)])).lines).toEqual([
      '2023-11-14T22:13:20.123Z  WARN2  cart  two\\nlines \\u001b[31mred  user="a b" n=9007199254740993',
      '2023-11-14T22:13:20.000Z  Notice  cart  {"k":true}',
    ]);
  });

  it('a span is a line with its name, duration, status and ids', async () => {
    const span = {
      traceId: '0102030405060708090a0b0c0d0e0f10',
      spanId: '1112131415161718',
      parentSpanId: '2122232425262728',
      name: 'GET /cart',
      startTimeUnixNano: '1700000000000000000',
      endTimeUnixNano: '1700000000012345678',
      status: { code: 2, message: 'timeout' },
    };
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
    expect((await run([file('x', `${JSON.stringify(request)}\n`)])).lines).toEqual([
      '2023-11-14T22:13:20.000Z  -  GET /cart  12.346ms  ERROR timeout  0102030405060708090a0b0c0d0e0f10 1112131415161718 < 2122232425262728',
    ]);
  });

  it('a data point is a line with its metric, value and unit', async () => {
    const timeUnixNano = '1700000000000000000';
    const metrics = [
      { name: 'requests', unit: '1', sum: { dataPoints: [{ timeUnixNano, asInt: '7' }] } },
      { name: 'load', unit: 'By', gauge: { dataPoints: [{ timeUnixNano, asDouble: 0.5 }] } },
      { name: 'latency', unit: 'ms', histogram: { dataPoints: [{ timeUnixNano, count: '2', sum: 3, max: 2 }] } },
      {
        name: 'old',
        summary: { dataPoints: [{ timeUnixNano, count: '1', sum: 4, quantileValues: [{ quantile: 0.5, value: 4 }] }] },
      },
    ];
    const request = { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] };
    expect((await run([file('x', `${JSON.stringify(request)}\n`)])).lines).toEqual([
      '2023-11-14T22:13:20.000Z  -  requests  7',
      '2023-11-14T22:13:20.000Z  -  load  0.5 By',
      '2023-11-14T22:13:20.000Z  -  latency  count=2 sum=3 max=2 ms',
      '2023-11-14T22:13:20.000Z  -  old  count=1 sum=4 q0.5=4',
    ]);
  });

  it.each(['logs', 'traces', 'metrics', 'profiles'] as const)(
    'all %s that are allowed have their lines',
    async (signal) => {
      for (const { bytes } of samplesOf(signal)) {
        const { code, lines } = await run([file('x', prefixed(bytes))]);
        expect(code).toBe(0);
        expect(lines.length).toBeGreaterThan(0);
      }
    },
  );
});

describe('rotated sets', () => {
  it('older files come first, in the order of their times', async () => {
    const path = file('logs.jsonl', lineOf('5'));
    file('logs-2026-01-02T00-00-00.000.jsonl', lineOf('3'));
    file('logs-2025-12-31T23-59-59.999-incomplete.jsonl', lineOf('1'));
    file('logs-2026-01-01T00-00-00.000-size.jsonl', lineOf('2'));
    file('logs-2026-01-02T00-00-00.001.jsonl', lineOf('4'));
    for (const other of [
      'logs-2026.jsonl',
      'logs2-2026-01-02T00-00-00.000.jsonl',
      'logs-2026-01-02T00-00-00.000.txt',
    ]) {
      file(other, lineOf('foreign'));
    }
    expect((await run([path], { json: true })).out).toBe(['1', '2', '3', '4', '5'].map(lineOf).join(''));
  });

  it("the Collector's names of files with several extensions are found", async () => {
    file('logs.jsonl-2026-01-02T00-00-00.000-size.zst', compress(Buffer.from(lineOf('1')), { codec: 'zstd' }));
    const path = file('logs.jsonl.zst', compress(Buffer.from(lineOf('2')), { codec: 'zstd' }));
    expect((await run([path], { json: true })).out).toBe(lineOf('1') + lineOf('2'));
  });

  it('a rotated file by its own name is printed alone, and so are several', async () => {
    const one = file('logs-2026-01-01T00-00-00.000.jsonl', lineOf('1'));
    const two = file('logs-2026-01-02T00-00-00.000.jsonl', lineOf('2'));
    file('logs.jsonl', lineOf('3'));
    expect((await run([two, one], { json: true })).out).toBe(lineOf('2') + lineOf('1'));
  });

  it('rotated files are printed while there is no current one', async () => {
    file('logs-2026-01-01T00-00-00.000.jsonl', lineOf('1'));
    expect(await run([join(directory, 'logs.jsonl')], { json: true })).toMatchObject({ code: 0, out: lineOf('1') });
  });

  it('what the file exporter wrote, rotated and encrypted, is printed in order', async () => {
    const path = join(directory, 'all.jsonl.zst.age');
    const sink = new Writable({ write: (_bytes, _encoding, done) => done() });
    await keygen(join(directory, 'own'), {}, { stdout: sink, stderr: sink });
    const yaml = `
receivers: { test/in: }
exporters:
  file:
    path: ${path}
    compression: gzip
    compression_params: { level: 0 }
    encryption: { recipients_file: ${join(directory, 'own.pub')} }
    rotation: { max_megabytes: 1 }
service:
  pipelines: { logs: { receivers: [test/in], exporters: [file] } }
`;
    const requests = Array.from({ length: 12 }, (_, number) => `${number}:${'x'.repeat(300_000)}`);
    {
      await using collector = await collectorOf(yaml, { plugins: [import.meta.resolve('@millrace/exporter-file')] });
      for (const body of requests) await collector.in().send('logs', jsonToProto('logs', lineOf(body)));
    }
    expect(readdirSync(directory).filter((name) => name.startsWith('all-'))).toHaveLength(3);
    const { code, out, err } = await run([path], { identity: join(directory, 'own'), json: true });
    expect([code, err]).toEqual([0, '']);
    const written = requests.map((body) =>
      Buffer.from(protoToJson('logs', jsonToProto('logs', lineOf(body)))).toString(),
    );
    // Not toBe: a difference would print megabytes.
    expect(out === written.map((line) => `${line}\n`).join('')).toBe(true);
  });
});

describe('damage', () => {
  /** Lines that do not compress, in three and a half chunks. */
  const bodies = Array.from({ length: 35 }, (_, index) => `${index}:${'x'.repeat(6400)}`);
  const content = Buffer.from(bodies.map(lineOf).join(''));
  const wholeLinesWithin = (bytes: number) =>
    content.subarray(0, content.subarray(0, bytes).lastIndexOf(10) + 1).toString();

  it('a file that is cut at the boundary of any chunk is printed up to there', async () => {
    const bytes = sealed(content);
    const start = bytes.length - content.length - 4 * 16;
    for (let chunks = 0; chunks <= 3; chunks++) {
      const cut = start + chunks * (AGE_CHUNK_BYTES + 16);
      const { code, out, err } = await run([file('x.age', bytes.subarray(0, cut))], { identity: key, json: true });
      expect(code).toBe(1);
      expect(out).toBe(wholeLinesWithin(chunks * AGE_CHUNK_BYTES));
      expect(err).toMatch(new RegExp(`^millrace cat: .*/x\\.age: age: .*at byte ${cut}\n$`));
    }
  });

  it('a file that is cut within a chunk, by a byte or more, is printed up to the chunk', async () => {
    const bytes = sealed(content);
    for (const missing of [1, 20, 10_000, 40_000]) {
      const path = file('x.age', bytes.subarray(0, bytes.length - missing));
      const { code, out, err } = await run([path], { identity: key, json: true });
      expect([code, out.length > 0, content.toString().startsWith(out)]).toEqual([1, true, true]);
      expect(err).toContain(`at byte ${bytes.length - missing}`);
    }
  });

  it('a file that is altered is printed up to the chunk with the change, whose offset is told', async () => {
    const bytes = sealed(content);
    const start = bytes.length - content.length - 4 * 16;
    for (let chunk = 0; chunk < 3; chunk++) {
      const at = start + chunk * (AGE_CHUNK_BYTES + 16);
      const altered = Buffer.from(bytes);
      altered[at + 100] ^= 1;
      const { code, out, err } = await run([file('x.age', altered)], { identity: key, json: true });
      expect([code, out]).toEqual([1, wholeLinesWithin(chunk * AGE_CHUNK_BYTES)]);
      expect(err).toContain(`at byte ${at}`);
    }
  });

  it('damage within the compressed data is told with its place there', async () => {
    const frames = bodies.map((body) => Buffer.from(compress(Buffer.from(lineOf(body)), { codec: 'zstd' })));
    const at = frames[0].length;
    frames[1] = Buffer.from(frames[1]);
    frames[1][0] ^= 0xff;
    const plain = await run([file('x.zst', Buffer.concat(frames))], { json: true });
    expect(plain).toMatchObject({ code: 1, out: lineOf(bodies[0]) });
    expect(plain.err).toMatch(new RegExp(`at byte ${at}\n$`));
    const encrypted = await run([file('x.age', sealed(Buffer.concat(frames)))], { identity: key, json: true });
    expect(encrypted).toMatchObject({ code: 1, out: lineOf(bodies[0]) });
    expect(encrypted.err).toContain(`at byte ${at} of the decrypted data`);
  });

  it('a torn line, a torn message and what is no OTLP are told with their place', async () => {
    const one = lineOf('one');
    const request = jsonToProto('logs', one);
    const cases: [Uint8Array | string, string][] = [
      [`${one}{"resourceLogs":[`, `a line that begins at byte ${one.length}`],
      [prefixed(request, request).subarray(0, -3), `a message that begins at byte ${request.length + 4}`],
      [`${one}hello\n`, `not OTLP, at byte ${one.length}`],
      [prefixed(request, Buffer.from('hello, world')), `not OTLP, at byte ${request.length + 4}`],
      [prefixed(request, Buffer.alloc(0)).subarray(0, -2), `a message that begins at byte ${request.length + 4}`],
    ];
    for (const [bytes, message] of cases) {
      const { code, lines, err } = await run([file('x', bytes)], { json: true });
      expect([code, lines.length]).toEqual([1, 1]);
      expect(err).toContain(message);
    }
  });

  it('a message of absurd length is refused before it is waited for', async () => {
    const bytes = Buffer.alloc(100);
    bytes.writeUInt32BE(0x7f000000);
    expect(await run([file('x', bytes)])).toMatchObject({
      code: 1,
      err: expect.stringContaining('the limit, at byte 0') as string,
    });
  });

  it('the other files are printed all the same', async () => {
    const torn = file('a', '{"resourceLogs');
    const { code, out, err } = await run([torn, join(directory, 'missing'), file('b', lineOf('fine'))], { json: true });
    expect([code, out]).toEqual([1, lineOf('fine')]);
    expect(err.split('\n')).toHaveLength(3);
    expect(err).toContain('no such file');
  });

  it('a file that is being written says so', async () => {
    file('.x.age.lock', '');
    const bytes = sealed(content);
    const { code, err } = await run([file('x.age', bytes.subarray(0, -100))], { identity: key });
    expect(code).toBe(1);
    expect(err).toContain('being written');
  });

  it('a directory is no file', async () => {
    mkdirSync(join(directory, 'd'));
    expect(await run([join(directory, 'd')])).toMatchObject({ code: 1, out: '' });
  });
});

describe('keys', () => {
  it('an encrypted file without a key, and with another', async () => {
    const path = file('x.age', sealed(Buffer.from(lineOf('secret'))));
    expect((await run([path])).err).toContain('--identity');
    const other = file('other', formatIdentityFile(generateIdentity(), new Date(0)));
    expect(await run([path], { identity: other })).toMatchObject({ code: 1, out: '' });
    expect((await run([path], { identity: other })).err).toContain('somebody else');
  });

  it('an identity that is missing or none', async () => {
    const path = file('x', lineOf('open'));
    expect(await run([path], { identity: join(directory, 'nowhere') })).toMatchObject({ code: 1, out: '' });
    const { err } = await run([path], { identity: file('bad', 'AGE-SECRET-KEY-1NOTAKEY\n') });
    expect(err).toContain('not an identity file');
    expect(err).not.toContain('NOTAKEY');
  });
});

it('a reader that has had enough ends it quietly', async () => {
  const path = file('x', Array.from({ length: 50_000 }, (_, index) => lineOf(`${index}`)).join(''));
  const millrace = new URL('../../bin/millrace.mjs', import.meta.url).pathname;
  const child = spawn(process.execPath, [millrace, 'cat', path], { stdio: ['ignore', 'pipe', 'pipe'] });
  const errors = text(child.stderr);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = (await once(child, 'close')) as [number | null];
  expect([code, await errors]).toEqual([0, '']);
});
