import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBech32, encodeBech32 } from './bech32.ts';

describe('bech32', () => {
  it.each([
    'A12UEL5L',
    'a12uel5l',
    'an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs',
    '11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j',
    '?1ezyfcl',
  ])('BIP 173: %s is valid', (text) => {
    expect(decodeBech32(text)).not.toHaveProperty('problem');
  });

  it.each([
    ['character outside of the range in the prefix', '\u00201nwldj5'],
    ['no separator', 'pzry9x0s0muk'],
    ['empty prefix', '1pzry9x0s0muk'],
    ['character that is not data', 'x1b4n0q5v'],
    ['checksum too short', 'li1dgmt3'],
    ['checksum made from the prefix in upper case', 'A1G7SGD8'],
    ['checksum characters outside of the range', 'de1lg7wt\u00ff'],
    ['mixed case', 'A12uEL5L'],
  ])('BIP 173: %s is not', (_why, text) => {
    expect(decodeBech32(text)).toHaveProperty('problem');
  });

  it('padding must be zero, and shorter than a digit', () => {
    expect(decodeBech32('age1qqpexly5')).toEqual({ prefix: 'age', bytes: Uint8Array.of(0) });
    for (const text of ['age1qpu0j2ex', 'age1qdd35qf', 'age1qqqyst3gn']) {
      expect(decodeBech32(text)).toEqual({ problem: 'has wrong padding' });
    }
  });

  it('gives back what was encoded, and notices any one wrong character', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(), (bytes, at) => {
        const text = encodeBech32('age', bytes);
        expect(decodeBech32(text)).toEqual({ prefix: 'age', bytes });
        expect(decodeBech32(text.toUpperCase())).toEqual({ prefix: 'age', bytes });
        const wrongAt = 4 + (at % (text.length - 4));
        const wrong = text[wrongAt] === 'q' ? 'p' : 'q';
        expect(decodeBech32(text.slice(0, wrongAt) + wrong + text.slice(wrongAt + 1))).toHaveProperty('problem');
      }),
    );
  });
});
