import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Key } from '@millrace/otlp';
import { KeyVerdicts } from './key-verdicts.ts';

const attribute = (key: string) => ({ key, hasKey: (other: Key) => other.text === key });
const items = fc.array(fc.array(fc.constantFrom('a', 'ab', 'b', 'user.id', 'user'), { maxLength: 80 }), {
  maxLength: 6,
});

test('what is remembered of other items changes nothing', () => {
  fc.assert(
    fc.property(items, (lists) => {
      const verdicts = new KeyVerdicts('^user|b$');
      for (const keys of lists) {
        verdicts.restart();
        const found = keys.map((key) => verdicts.matches(attribute(key)));
        expect(found).toEqual(keys.map((key) => /^user|b$/.test(key)));
      }
    }),
  );
});

test('a key in the place where it was before is not decoded again', () => {
  const verdicts = new KeyVerdicts('b');
  const decoded: string[] = [];
  const counting = (key: string) => ({
    get key() {
      decoded.push(key);
      return key;
    },
    hasKey: (other: Key) => other.text === key,
  });
  for (let item = 0; item < 3; item++) {
    verdicts.restart();
    expect([counting('a'), counting('b')].map((each) => verdicts.matches(each))).toEqual([false, true]);
  }
  expect(decoded).toEqual(['a', 'b']);
});
