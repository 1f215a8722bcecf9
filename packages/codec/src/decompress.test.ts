import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { COMPRESSION_CODECS, type CompressionCodec } from './compression-codec.ts';
import { CodecError } from './codec-error.ts';
import { compress } from './compress.ts';
import { FRAMES_MAX } from './decompress-limits.ts';
import { decompress } from './decompress.ts';
import { paddingFrame } from './frame-padding.ts';
import { CHECKED_CODECS, content, flipBit, logLines, thrownBy } from './testing/samples.ts';

const SAMPLE = logLines(3000);
const CODECS = COMPRESSION_CODECS.filter((codec) => codec !== 'none');
const errorOf = (bytes: Uint8Array, codec: CompressionCodec, maxBytes = 1_000_000): unknown =>
  thrownBy(() => decompress(bytes, { codec, maxBytes }));

describe.each(COMPRESSION_CODECS)('%s', (codec) => {
  it('lets exactly maxBytes through, and not one more', () => {
    const compressed = compress(SAMPLE, { codec });
    expect(decompress(compressed, { codec, maxBytes: 3000 })).toHaveLength(3000);
    for (const maxBytes of [2999, 1, 0])
      expect(errorOf(compressed, codec, maxBytes)).toMatchObject({ code: 'TOO_LARGE' });
    expect(decompress(compress(new Uint8Array(0), { codec }), { codec, maxBytes: 0 })).toHaveLength(0);
  });

  it('refuses a limit that is none', () => {
    for (const maxBytes of [-1, Number.NaN, 0.5]) expect(errorOf(SAMPLE, codec, maxBytes)).toBeInstanceOf(RangeError);
  });
});

describe.each(CODECS)('%s', (codec) => {
  it('says TRUNCATED wherever the input is cut', () => {
    const compressed = compress(SAMPLE.subarray(0, 400), { codec });
    for (let length = 0; length < compressed.byteLength; length++) {
      // Snappy's framing format has no end mark: between two chunks it may end.
      if (codec === 'x-snappy-framed' && length === 10) continue;
      // Snappy's block format does not know its compressed length: a cut looks like damage.
      const code = codec === 'snappy' && length > 1 ? 'CORRUPT' : 'TRUNCATED';
      expect(errorOf(compressed.subarray(0, length), codec), `cut at ${length}`).toMatchObject({ code });
    }
  });

  it('refuses what follows its last frame', () => {
    const compressed = compress(SAMPLE, { codec });
    const error = errorOf(Buffer.concat([compressed, Buffer.from('tail')]), codec);
    const code = codec === 'x-snappy-framed' ? 'UNSUPPORTED' : 'CORRUPT';
    expect(error).toMatchObject({ code, offset: codec === 'snappy' ? 0 : compressed.byteLength });
  });

  it('answers random bytes with a CodecError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const error = errorOf(bytes, codec, 10_000);
        expect(error === undefined || error instanceof CodecError).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('answers any change to valid bytes with a CodecError, or within the limit', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(content, fc.array(change, { minLength: 1, maxLength: 4 }), (bytes, changes) => {
        const changed = compress(bytes, { codec });
        for (const [at, value] of changes) changed[at % changed.byteLength] = value;
        let length = 0;
        const error = thrownBy(() => (length = decompress(changed, { codec, maxBytes: 250_000 }).byteLength));
        expect(error === undefined || error instanceof CodecError).toBe(true);
        expect(length).toBeLessThanOrEqual(250_000);
      }),
      { numRuns: 60 },
    );
  });
});

// Not Snappy's framing format: its chunk types have no checksum, and one that is turned into a skippable one is skipped.
describe.each(['gzip', 'zlib', 'zstd', 'lz4'] as const)('%s', (codec) => {
  it('never passes off changed content as good, whichever bit is turned over', () => {
    const bytes = SAMPLE.subarray(0, 300);
    const compressed = compress(bytes, { codec });
    let found = 0;
    for (let bit = 0; bit < compressed.byteLength * 8; bit++) {
      const changed = flipBit(compressed, bit);
      const error = thrownBy(() => {
        // Some bits mean nothing, such as those of gzip's time.
        expect(Buffer.from(decompress(changed, { codec, maxBytes: 10_000 }))).toEqual(Buffer.from(bytes));
      });
      if (error === undefined) continue;
      expect(error, `bit ${bit}`).toBeInstanceOf(CodecError);
      found++;
    }
    expect(found).toBeGreaterThan(compressed.byteLength * 8 * 0.6);
  });
});

describe('what may follow a frame', () => {
  it.each(CHECKED_CODECS)('%s: more frames, empty ones among them', (codec) => {
    const frame = compress(SAMPLE, { codec });
    const empty = compress(new Uint8Array(0), { codec });
    const file = Buffer.concat([empty, frame, empty, frame]);
    expect(Buffer.from(decompress(file, { codec, maxBytes: 6000 }))).toEqual(Buffer.concat([SAMPLE, SAMPLE]));
    expect(errorOf(file, codec, 5999)).toMatchObject({ code: 'TOO_LARGE' });
  });

  it.each(['gzip', 'zstd', 'lz4'] as const)('%s: frames without content, which are skipped', (codec) => {
    const frame = compress(SAMPLE, { codec });
    const file = Buffer.concat([paddingFrame(codec, 22), frame, paddingFrame(codec, 65_535), paddingFrame(codec, 30)]);
    expect(Buffer.from(decompress(file, { codec, maxBytes: 3000 }))).toEqual(Buffer.from(SAMPLE));
  });

  it('gzip: zero bytes, but nothing after them', () => {
    const member = gzipSync(SAMPLE);
    expect(decompress(Buffer.concat([member, Buffer.alloc(512)]), { codec: 'gzip', maxBytes: 3000 })).toHaveLength(
      3000,
    );
    const error = errorOf(Buffer.concat([member, Buffer.alloc(5), member]), 'gzip');
    expect(error).toMatchObject({ code: 'CORRUPT', offset: member.byteLength });
  });

  it.each([
    ['gzip', gzipSync('')],
    ['zstd', compress(new Uint8Array(0), { codec: 'zstd' })],
  ] as const)('%s: so many empty frames that they would keep the thread busy are refused', (codec, frame) => {
    const frames = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => frame));
    expect(decompress(frames(FRAMES_MAX), { codec, maxBytes: 1 })).toHaveLength(0);
    expect(errorOf(frames(FRAMES_MAX + 1), codec)).toMatchObject({ code: 'TOO_LARGE' });
  });
});

describe('dialects', () => {
  it('gzip headers with name, comment, extra field and checksum are read', () => {
    const plain = gzipSync(SAMPLE);
    const fields = [Buffer.from([3, 0, 1, 2, 3]), Buffer.from('name\0comment\0')];
    const header = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0x1c, 0, 0, 0, 0, 0, 3]), ...fields]);
    const member = Buffer.concat([header, plain.subarray(10)]);
    expect(decompress(member, { codec: 'gzip', maxBytes: 3000 })).toHaveLength(3000);
    member[3] = 0x3c;
    expect(errorOf(member, 'gzip')).toMatchObject({ code: 'CORRUPT' });
  });

  it('raw deflate data is accepted as deflate, as browsers do, and not as zlib', () => {
    for (const level of [0, 1, 9]) {
      const raw = deflateRawSync(SAMPLE, { level });
      expect(Buffer.from(decompress(raw, { codec: 'deflate', maxBytes: 3000 }))).toEqual(Buffer.from(SAMPLE));
      expect(errorOf(raw, 'zlib')).toMatchObject({ code: 'CORRUPT' });
    }
  });

  it('framed Snappy is accepted as snappy, as the Collector does', () => {
    const framed = compress(SAMPLE, { codec: 'x-snappy-framed' });
    expect(Buffer.from(decompress(framed, { codec: 'snappy', maxBytes: 3000 }))).toEqual(Buffer.from(SAMPLE));
  });

  it('data that needs a dictionary is UNSUPPORTED', () => {
    const zlib = deflateSync(SAMPLE, { dictionary: Buffer.from('severity') });
    expect(errorOf(zlib, 'zlib')).toMatchObject({ code: 'UNSUPPORTED' });
    const zstd = compress(SAMPLE, { codec: 'zstd' });
    const withDictionary = Buffer.concat([zstd.subarray(0, 4), Buffer.from([zstd[4] | 1, 9]), zstd.subarray(5)]);
    expect(errorOf(withDictionary, 'zstd')).toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('compression bombs', () => {
  const LIMIT_BYTES = 8 * 1024 * 1024;
  /** Ten gigabytes of zeros, from some ten megabytes or less. */
  const bombs: Record<string, () => Uint8Array> = {
    gzip: () => Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), ...deflated()]),
    zlib: () => Buffer.concat([Buffer.from([0x78, 0x9c]), ...deflated()]),
    deflate: () => Buffer.concat(deflated()),
    zstd: () =>
      Buffer.concat([
        Buffer.from('28b52ffd0058', 'hex'),
        ...times(81_920, Buffer.from([2, 0, 16, 0])),
        Buffer.from([3, 0, 16, 0]),
      ]),
    lz4: () => {
      // All of the frame but its end mark and checksum; its one block of 256 KiB again and again.
      const frame = compress(new Uint8Array(262_144), { codec: 'lz4' });
      return Buffer.concat([frame.subarray(0, 7), ...times(40_960, frame.subarray(7, -8))]);
    },
    'x-snappy-framed': () => {
      const frame = compress(new Uint8Array(65_536), { codec: 'x-snappy-framed' });
      return Buffer.concat([frame.subarray(0, 10), ...times(163_840, frame.subarray(10))]);
    },
    snappy: () => Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), Buffer.alloc(10_000_000)]),
  };

  it.each(Object.keys(bombs))('%s: ten gigabytes cost no more memory than the limit allows', (codec) => {
    const bomb = bombs[codec]();
    expect(errorOf(bomb, codec as CompressionCodec, 1000)).toMatchObject({ code: 'TOO_LARGE' });
    const peakBefore = process.resourceUsage().maxRSS;
    expect(errorOf(bomb, codec as CompressionCodec, LIMIT_BYTES)).toMatchObject({ code: 'TOO_LARGE' });
    const grownBytes = (process.resourceUsage().maxRSS - peakBefore) * 1024;
    expect(grownBytes).toBeLessThan(LIMIT_BYTES * 4);
  });

  it('a declared size over the limit is refused before anything is decompressed', () => {
    const declared = Buffer.from(compress(new Uint8Array(10_000_000), { codec: 'zstd' }));
    expect(errorOf(declared, 'zstd', 1000)).toMatchObject({ code: 'TOO_LARGE', offset: 0 });
    const lie = Buffer.from([0xff, 0xff, 0xff, 0x07, 0, 0]);
    expect(errorOf(lie, 'snappy', 100_000_000)).toMatchObject({ code: 'CORRUPT' });
  });

  it('a zstd window far over the limit is refused', () => {
    const frame = Buffer.from('28b52ffd00a0010000', 'hex');
    expect(errorOf(frame, 'zstd', 1000)).toMatchObject({ code: 'TOO_LARGE' });
  });

  function deflated(): Uint8Array[] {
    const flushed = deflateRawSync(new Uint8Array(1_048_576), { finishFlush: constants.Z_FULL_FLUSH });
    return times(10_240, flushed);
  }

  function times(count: number, bytes: Uint8Array): Uint8Array[] {
    return Array.from({ length: count }, () => bytes);
  }
});
