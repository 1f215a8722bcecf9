import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';
import { content, cut, cutSizes } from './testing/samples.ts';
import { Xxh32, xxh32 } from './xxh32.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('xxh32', () => {
  it.each([
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ])('hashes %j to the published value', (text, hash) => {
    expect(xxh32(ascii(text))).toBe(hash);
  });

  it('does not depend on how the input is cut', () => {
    fc.assert(
      fc.property(content, cutSizes, (bytes, sizes) => {
        const hash = new Xxh32();
        for (const piece of cut(bytes, sizes)) hash.update(piece);
        expect(hash.digest()).toBe(xxh32(bytes));
      }),
      { numRuns: 40 },
    );
  });
});

describe('crc32c', () => {
  it.each([
    ['the check value', ascii('123456789'), 0xe3069283],
    ['RFC 3720: zeros', new Uint8Array(32), 0x8a9136aa],
    ['RFC 3720: ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['RFC 3720: counting up', Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
    ['nothing', new Uint8Array(0), 0],
  ])('gives the published value for %s', (_name, bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc);
  });
});
