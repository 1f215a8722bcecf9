import { expect, test } from 'vitest';
import { keysOf } from './screen.ts';

test('keys are told apart, also when several come at once', () => {
  expect(keysOf('\u001B[A\u001BOBjk\r\u0003')).toEqual(['up', 'down', 'j', 'k', 'enter', 'interrupt']);
  expect(keysOf('\u001B')).toEqual(['escape']);
  expect(keysOf('é\u001B[15~q')).toEqual(['é', '\u001B[15~', 'q']);
});
