import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CONCATENABLE_CODECS, type ConcatenableCodec } from './compression-codec.ts';
import { compress } from './compress.ts';
import { decompress } from './decompress.ts';
import { chunkPadding, paddingFrame, PADDING_BYTES_MIN, type PaddableCodec } from './frame-padding.ts';
import { FrameWriter } from './frame-writer.ts';
import { INSTALL_TIMEOUT_MS, ensurePrograms, runProgram } from './testing/debian-programs.ts';
import { content, logLines, thrownBy } from './testing/samples.ts';

describe.each(CONCATENABLE_CODECS)('a file of %s frames', (codec) => {
  it('decompresses to all that was written, even if another thread goes on with the state', () => {
    fc.assert(
      fc.property(fc.array(content, { maxLength: 8 }), fc.nat(100_000), (writes, frameBytes) => {
        let writer = new FrameWriter({ codec, frameBytes });
        const file = writes.map((bytes) => {
          const mutable = Uint8Array.from(bytes);
          const ready = writer.write(mutable);
          mutable.fill(0xee);
          writer = new FrameWriter(structuredClone(writer.state));
          return ready;
        });
        const whole = Buffer.concat(writes);
        const restored = decompress(Buffer.concat([...file, writer.end()]), { codec, maxBytes: whole.byteLength });
        expect(whole.equals(restored)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('holds everything written so far after a flush', () => {
    const writer = new FrameWriter({ codec, frameBytes: 1_000_000 });
    expect(writer.write(logLines(500))).toHaveLength(0);
    const restored = decompress(writer.flush(), { codec, maxBytes: 500 });
    expect(Buffer.from(restored)).toEqual(Buffer.from(logLines(500)));
    expect(writer.flush()).toHaveLength(0);
    expect(writer.end()).toHaveLength(0);
  });
});

it('codecs whose outputs cannot be appended are refused', () => {
  for (const codec of ['zlib', 'snappy'] as const) {
    const error = thrownBy(() => new FrameWriter({ codec: codec as string as ConcatenableCodec, frameBytes: 1 }));
    expect(error).toMatchObject({ code: 'UNSUPPORTED' });
  }
});

describe.each(Object.keys(PADDING_BYTES_MIN) as PaddableCodec[])('%s padding', (codec) => {
  beforeAll(() => ensurePrograms(['gzip', 'zstd', 'lz4']), INSTALL_TIMEOUT_MS);

  it('has exactly the length asked for, and no content for the codec’s own program', () => {
    const frame = compress(logLines(100), { codec });
    for (const length of [PADDING_BYTES_MIN[codec], 100, 65_535]) {
      const padding = paddingFrame(codec, length);
      expect(padding).toHaveLength(length);
      const file = Buffer.concat([frame, padding, frame, padding]);
      expect(runProgram(codec, ['-dc'], file).equals(Buffer.concat([logLines(100), logLines(100)]))).toBe(true);
    }
    for (const length of [PADDING_BYTES_MIN[codec] - 1, 65_536]) {
      expect(() => paddingFrame(codec, length)).toThrow(RangeError);
    }
  });

  it('fills up to whole chunks, whatever is missing', () => {
    for (const filled of [0, 1, 100, 32_768, 65_513, 65_514, 65_515, 65_528, 65_529, 65_535, 65_536, 65_537, 200_000]) {
      const padding = chunkPadding(codec, filled);
      expect((filled + padding.byteLength) % 65_536).toBe(0);
      const file = Buffer.concat([padding, compress(logLines(10), { codec })]);
      expect(decompress(file, { codec, maxBytes: 10 })).toHaveLength(10);
    }
  });
});
