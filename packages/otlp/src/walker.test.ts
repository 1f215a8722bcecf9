import { expect, it } from 'vitest';
import { BAD, ODD, OK } from './walker-format.ts';
import { walkerFor } from './walker.ts';

const PAGE_BYTES = 65_536;
const DEPTH_MAX = 64;

it.each([
  ['as it should be', [0x1a, 0x01, 0x41], OK],
  ['with a field twice', [0x1a, 0x01, 0x41, 0x1a, 0x01, 0x42], ODD],
  ['with a padded tag', [0x9a, 0x00, 0x01, 0x41], ODD],
  ['with an unknown field twice', [0xf8, 0x01, 0x00, 0xf8, 0x01, 0x00], OK],
  ['with a text that is cut', [0x1a, 0x02, 0x41], BAD],
])('tells a record %s', (_, record, expected) => {
  const { length } = record;
  const request = Uint8Array.from([0x0a, length + 4, 0x12, length + 2, 0x12, length, ...record]);
  expect(walkerFor(request.length).walk('logs', request, DEPTH_MAX)).toBe(expected);
});

it('memory that a large message took is given up after many small ones, not between large ones', () => {
  const large = new Uint8Array(20 * 1024 * 1024);
  const walker = walkerFor(large.length);
  expect(walker.walk('logs', large, DEPTH_MAX)).toBe(BAD);
  expect(walker.memoryBytes).toBeGreaterThan(large.length);
  for (let i = 0; i < 100; i++) expect(walkerFor(100)).toBe(walker);
  expect(walkerFor(large.length)).toBe(walker);
  for (let i = 0; i < 300; i++) walkerFor(100);
  const next = walkerFor(100);
  expect(next).not.toBe(walker);
  expect(next.memoryBytes).toBeLessThan(1024 * 1024);
  expect(next.walk('logs', new Uint8Array(0), DEPTH_MAX)).toBe(OK);
});

it('what stood behind a message, up to the end of the memory, is never taken for a part of it', () => {
  const walker = walkerFor(0);
  const noise = new Uint8Array(4 * PAGE_BYTES).fill(0xff);
  // The largest message for which the memory need not grow: then it is full of lengths that lead far away.
  walker.walk('logs', noise.subarray(0, 2 * PAGE_BYTES), DEPTH_MAX);
  const { memoryBytes } = walker;
  let length = 2 * PAGE_BYTES;
  while (walker.memoryBytes === memoryBytes) walker.walk('logs', noise.subarray(0, ++length), DEPTH_MAX);
  length += PAGE_BYTES - 1;
  for (let shorter = 0; shorter < 600; shorter++) {
    walker.walk('logs', noise.subarray(0, length), DEPTH_MAX);
    expect(walker.walk('logs', endingInAttribute(length - shorter), DEPTH_MAX)).toBe(OK);
  }
  expect(walker.memoryBytes).toBe(memoryBytes + PAGE_BYTES);
});

/** A request of a log record of exactly `length` bytes in all: a long body, then an attribute without anything. */
function endingInAttribute(length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(0x61);
  let at = 0;
  // Three bytes for each length and one for each tag: resource logs, scope logs, the record, its body, the text.
  for (const [tag, behind] of [
    [0x0a, 0],
    [0x12, 0],
    [0x12, 0],
    [0x2a, 2],
    [0x0a, 2],
  ]) {
    const left = length - at - 4 - behind;
    bytes.set([tag, (left & 0x7f) | 0x80, ((left >> 7) & 0x7f) | 0x80, left >> 14], at);
    at += 4;
  }
  bytes.set([0x32, 0x00], length - 2);
  return bytes;
}
