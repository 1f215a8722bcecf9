import * as fc from 'fast-check';
import { Decompressor } from 'snappy';
import { beforeAll, describe, expect, it } from 'vitest';
import { inflateSync } from 'node:zlib';
import { COMPRESSION_CODECS, type CompressionCodec } from './compression-codec.ts';
import { compress } from './compress.ts';
import { decompress } from './decompress.ts';
import { INSTALL_TIMEOUT_MS, ensurePrograms, runProgram } from './testing/debian-programs.ts';
import { content, logLines, noise, thrownBy } from './testing/samples.ts';

const PROGRAMS = ['gzip', 'zstd', 'lz4'] as const;
const SAMPLES = [new Uint8Array(0), Uint8Array.of(7), logLines(100_000), noise(70_000), logLines(4_500_000)];

describe.each(COMPRESSION_CODECS)('%s', (codec) => {
  it('gives back what was compressed', () => {
    fc.assert(
      fc.property(content, (bytes) => {
        const compressed = compress(bytes, { codec });
        expect(Buffer.from(decompress(compressed, { codec, maxBytes: bytes.byteLength }))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 25 },
    );
  });

  it('reads shared memory, and hands out results that can be transferred', () => {
    const bytes = logLines(200_000);
    const compressed = compress(shared(bytes), { codec });
    const restored = decompress(shared(compressed), { codec, maxBytes: 200_000 });
    expect(Buffer.from(restored)).toEqual(Buffer.from(bytes));
    for (const result of [compressed, restored, compress(new Uint8Array(0), { codec })]) {
      const { byteLength } = result;
      expect(result.buffer.byteLength).toBe(byteLength);
      expect(structuredClone(result, { transfer: [result.buffer] }).byteLength).toBe(byteLength);
      expect(result.byteLength).toBe(0);
    }
  });
});

describe('interoperability', () => {
  beforeAll(() => ensurePrograms(PROGRAMS), INSTALL_TIMEOUT_MS);

  it.each(PROGRAMS)('what is compressed here, the %s program reads, appended frames too', (codec) => {
    const file = Buffer.concat(SAMPLES.map((bytes) => compress(bytes, { codec })));
    expect(runProgram(codec, ['-dc'], file).equals(Buffer.concat(SAMPLES))).toBe(true);
  });

  it.each([
    ['gzip', ['-c']],
    ['gzip', ['-9c']],
    ['zstd', ['-c']],
    ['zstd', ['-c', '-19', '--no-check']],
    ['zstd', ['-c', '--fast=5', '--rsyncable', '-T2']],
    ['lz4', ['-c']],
    ['lz4', ['-c', '-BD', '-B4']],
    ['lz4', ['-c', '-BD', '-B7', '-BX']],
    ['lz4', ['-c', '-12', '-B5', '--no-frame-crc']],
    ['lz4', ['-c', '-B6', '-BX', '-9']],
  ] as const)('what the %s program makes with %j is read here', (codec, args) => {
    const file = Buffer.concat(SAMPLES.map((bytes) => runProgram(codec, args, bytes)));
    const whole = Buffer.concat(SAMPLES);
    expect(whole.equals(decompress(file, { codec, maxBytes: whole.byteLength }))).toBe(true);
  });

  it('an independent Snappy implementation reads the framing format, in both directions', async () => {
    const whole = Buffer.concat(SAMPLES);
    const decompressor = new Decompressor();
    const start = decompressor.update(compress(whole, { codec: 'x-snappy-framed' }));
    expect(Buffer.concat([start, await decompressor.finish()]).equals(whole)).toBe(true);
  });

  it('deflate is the zlib format on output', () => {
    expect(inflateSync(compress(logLines(1000), { codec: 'deflate' }))).toEqual(Buffer.from(logLines(1000)));
  });
});

describe('levels', () => {
  const level = (codec: CompressionCodec, value: number) => () => compress(logLines(5000), { codec, level: value });

  it.each([
    ['gzip', [-2, -1, 0, 1, 9]],
    ['zlib', [-2, -1, 0, 1, 9]],
    ['deflate', [-2, -1, 0, 1, 9]],
    ['zstd', [-99, -1, 0, 1, 3, 19, 22, 1000]],
    ['lz4', [0]],
    ['snappy', [0]],
    ['x-snappy-framed', [0]],
    ['none', [0]],
  ] as const)('%s takes the levels that the Collector takes: %j', (codec, levels) => {
    for (const value of levels) {
      expect(Buffer.from(decompress(level(codec, value)(), { codec, maxBytes: 5000 }))).toEqual(
        Buffer.from(logLines(5000)),
      );
    }
  });

  it.each([
    ['gzip', [-3, 10, 1.5]],
    ['zlib', [-3, 10]],
    ['deflate', [-3, 10]],
    ['zstd', [Number.NaN, 0.5]],
    ['lz4', [1, -1]],
    ['snappy', [1]],
    ['none', [1]],
  ] as const)('%s refuses what the Collector refuses: %j', (codec, levels) => {
    for (const value of levels) expect(thrownBy(level(codec, value))).toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('a higher level is really passed on', () => {
    expect(level('gzip', 0)().byteLength).toBeGreaterThan(5000);
    expect(level('gzip', 9)().byteLength).toBeLessThan(level('gzip', -2)().byteLength);
    expect(level('zstd', 19)().byteLength).toBeLessThan(level('zstd', -7)().byteLength);
  });
});

function shared(bytes: Uint8Array): Uint8Array {
  const view = new Uint8Array(new SharedArrayBuffer(bytes.byteLength + 32), 16, bytes.byteLength);
  view.set(bytes);
  return view;
}
