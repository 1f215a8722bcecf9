import { expect, test } from 'vitest';
import { parseByteSize } from './byte-size.ts';

test.each<[string, number | undefined]>([
  ['0', 0],
  ['4096', 4096],
  ['1k', 1000],
  ['1KiB', 1024],
  ['1Ki', 1024],
  ['64MiB', 67_108_864],
  ['64 mib', 67_108_864],
  ['1.5GB', 1_500_000_000],
  ['2TiB', 2_199_023_255_552],
  ['-1', undefined],
  ['1XB', undefined],
  ['MiB', undefined],
  ['', undefined],
  ['99999999TiB', undefined],
])('%j is %j bytes', (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});
