import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { CodecError } from './codec-error.ts';
import { compress } from './compress.ts';
import { decompressStream, type StreamingCodec } from './decompress-stream.ts';
import { INSTALL_TIMEOUT_MS, ensurePrograms, runProgram } from './testing/debian-programs.ts';
import {
  CHECKED_CODECS,
  STREAMING_CODECS,
  content,
  cut,
  cutSizes,
  drain,
  flipBit,
  logLines,
  noise,
} from './testing/samples.ts';

const read = (bytes: Uint8Array, codec: StreamingCodec, sizes: readonly number[] = [1000]): ReturnType<typeof drain> =>
  drain(decompressStream(cut(bytes, sizes), { codec }));

describe.each(STREAMING_CODECS)('%s', (codec) => {
  it('gives back what was compressed, however the input is cut', async () => {
    const batches = fc.array(content, { minLength: 1, maxLength: codec === 'zlib' || codec === 'deflate' ? 1 : 4 });
    await fc.assert(
      fc.asyncProperty(batches, cutSizes, async (parts, sizes) => {
        const file = Buffer.concat(parts.map((bytes) => compress(bytes, { codec })));
        const { bytes, error } = await read(file, codec, sizes);
        expect(error).toBeUndefined();
        expect(bytes.equals(Buffer.concat(parts))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('passes the error of its source on, after everything that had arrived', async () => {
    const failure = new Error('disk on fire');
    const half = compress(codec === 'none' ? logLines(500) : noise(300_000), { codec }).subarray(0, 200_000);
    async function* source(): AsyncGenerator<Uint8Array> {
      yield half;
      throw failure;
    }
    const { bytes, error } = await drain(decompressStream(source(), { codec }));
    expect(error).toBe(failure);
    const expected = (await read(half, codec)).bytes;
    expect(bytes.equals(expected)).toBe(true);
    // lz4 writes blocks of 256 KiB or more: none is whole yet.
    expect(bytes.byteLength > 0).toBe(codec !== 'lz4');
  });

  it('tells its source when nobody reads on', async () => {
    let isClosed = false;
    function* source(): Generator<Uint8Array> {
      try {
        while (true) yield compress(noise(200_000), { codec });
      } finally {
        isClosed = true;
      }
    }
    for await (const piece of decompressStream(source(), { codec })) {
      expect(piece.byteLength).toBeGreaterThan(0);
      break;
    }
    expect(isClosed).toBe(true);
  });
});

describe.each(CHECKED_CODECS)('%s', (codec) => {
  const parts = [logLines(70_000), noise(5000), logLines(200_000), noise(150_000)];
  const frames = parts.map((bytes) => compress(bytes, { codec }));
  const file = Buffer.concat(frames);

  it('a stream of no frames is no content', async () => {
    expect(await read(new Uint8Array(0), codec)).toEqual({ bytes: Buffer.alloc(0), error: undefined });
  });

  it('a truncated file gives all whole frames, more of the cut one if possible, and the offset of the cut', async () => {
    const boundaries = frames.map((_, at) => Buffer.concat(frames.slice(0, at + 1)).byteLength);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: file.byteLength - 1 }), cutSizes, async (length, sizes) => {
        const { bytes, error } = await read(file.subarray(0, length), codec, sizes);
        expect(Buffer.concat(parts).subarray(0, bytes.byteLength).equals(bytes)).toBe(true);
        const whole = boundaries.filter((end) => end <= length).length;
        expect(bytes.byteLength).toBeGreaterThanOrEqual(Buffer.concat(parts.slice(0, whole)).byteLength);
        if (boundaries.includes(length) || (codec === 'x-snappy-framed' && error === undefined)) return;
        expect(error).toMatchObject({ code: 'TRUNCATED', offset: length });
      }),
      { numRuns: 40 },
    );
  });

  it('a changed bit gives everything before its frame, and an offset within the frame', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(file.byteLength * 8 - 1), cutSizes, async (bit, sizes) => {
        const { bytes, error } = await read(flipBit(file, bit), codec, sizes);
        if (error === undefined) return;
        expect(error).toBeInstanceOf(CodecError);
        let damaged = 0;
        let start = 0;
        while (start + frames[damaged].byteLength <= bit >>> 3) start += frames[damaged++].byteLength;
        const before = Buffer.concat(parts.slice(0, damaged));
        expect(bytes.subarray(0, before.byteLength).equals(before)).toBe(true);
        // Damage to a length shows only where the next thing is expected and not found.
        expect((error as CodecError).offset).toBeGreaterThanOrEqual(start);
      }),
      { numRuns: 40 },
    );
  });

  it('what follows the last frame is CORRUPT or UNSUPPORTED, at its offset, after all content', async () => {
    const { bytes, error } = await read(Buffer.concat([file, Buffer.from('tail')]), codec);
    expect(bytes.equals(Buffer.concat(parts))).toBe(true);
    expect(error).toMatchObject({ offset: file.byteLength });
  });
});

describe('damage within deflate data', () => {
  it('everything that inflates before the damage is yielded, and the offset is that of the damage', async () => {
    const lines = logLines(4 * 50_000);
    const stored = cut(lines, [50_000]).map((block) =>
      Buffer.concat([Buffer.from([0, 0x50, 0xc3, 0xaf, 0x3c]), block]),
    );
    const member = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), ...stored]);
    // The third block's length and its complement disagree now.
    const header = 10 + 2 * 50_005;
    member[header + 1] ^= 1;
    for (const sizes of [[1], [777], [1_000_000]]) {
      const { bytes, error } = await read(member, 'gzip', sizes);
      expect(bytes.equals(lines.subarray(0, 100_000))).toBe(true);
      expect(error).toMatchObject({ code: 'CORRUPT', offset: header + 4 });
    }
  });

  it('a checksum that does not match is reported at the checksum, after the content', async () => {
    const member = Buffer.concat([gzipSync(logLines(9000)), gzipSync(logLines(100))]);
    const trailer = gzipSync(logLines(9000)).byteLength - 8;
    member[trailer] ^= 1;
    const { bytes, error } = await read(member, 'gzip');
    expect(bytes.equals(logLines(9000))).toBe(true);
    expect(error).toMatchObject({ code: 'CORRUPT', offset: trailer });
  });

  it.each(['zlib', 'deflate'] as const)(
    '%s that ends early is TRUNCATED, and what follows its end CORRUPT',
    async (codec) => {
      const stream = compress(logLines(5000), { codec });
      for (const length of [1, 2, 100, stream.byteLength - 1]) {
        const { error } = await read(stream.subarray(0, length), codec, [7]);
        expect(error).toMatchObject({ code: 'TRUNCATED', offset: length });
      }
      const { bytes, error } = await read(Buffer.concat([stream, Buffer.alloc(1)]), codec);
      expect(bytes.equals(logLines(5000))).toBe(true);
      expect(error).toMatchObject({ code: 'CORRUPT', offset: stream.byteLength });
    },
  );
});

describe('large files', () => {
  beforeAll(() => ensurePrograms(['zstd', 'lz4', 'gzip']), INSTALL_TIMEOUT_MS);

  it.each([
    ['zstd', ['-c', '--ultra', '-22']],
    ['zstd', ['-c', '--long=27', '-3']],
    ['lz4', ['-c', '-BD']],
    ['gzip', ['-c']],
  ] as const)('what %s makes with %j streams through', async (codec, args) => {
    const whole = Buffer.concat([logLines(3_000_000), noise(500_000), logLines(100)]);
    const { bytes, error } = await read(runProgram(codec, args, whole), codec, [65_536]);
    expect(error).toBeUndefined();
    expect(bytes.equals(whole)).toBe(true);
  });

  it.each(['gzip', 'zstd', 'lz4'] as const)('%s: half a gigabyte passes in bounded memory', async (codec) => {
    const frame = compress(new Uint8Array(10_000_000), { codec });
    function* source(): Generator<Uint8Array> {
      for (let times = 0; times < 50; times++) yield* cut(frame, [50_000]);
    }
    let produced = 0;
    const peakBefore = process.resourceUsage().maxRSS;
    for await (const piece of decompressStream(source(), { codec })) produced += piece.byteLength;
    expect(produced).toBe(500_000_000);
    expect((process.resourceUsage().maxRSS - peakBefore) * 1024).toBeLessThan(256_000_000);
  });
});
