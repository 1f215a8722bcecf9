import { expect, test } from 'vitest';
import { parseComponentId } from './component-id.ts';

test.each<[string, string, string, string | undefined]>([
  ['otlp', 'otlp', 'otlp', undefined],
  ['otlp/2', 'otlp/2', 'otlp', '2'],
  [' otlp / my-name ', 'otlp/my-name', 'otlp', 'my-name'],
  ['otlp/a/b', 'otlp/a/b', 'otlp', 'a/b'],
  ['otlp/日本', 'otlp/日本', 'otlp', '日本'],
])('%j is a component id', (text, id, type, name) => {
  expect(parseComponentId(text)).toEqual({ id, type, name });
});

test.each<[string, string]>([
  ['', 'an id must not be empty'],
  ['/x', 'nothing before the slash'],
  ['otlp/', 'nothing after the slash'],
  ['2otlp', 'must start with a letter'],
  ['ot-lp', 'must start with a letter'],
  [`a${'b'.repeat(63)}`, 'at most 63'],
  ['otlp/a b', 'must not hold spaces'],
  ['otlp/a+b', 'must not hold spaces, control characters or symbols'],
  [`otlp/${'x'.repeat(1025)}`, 'longer than 1024'],
])('%j is none', (text, fault) => {
  expect(parseComponentId(text)).toEqual({ fault: expect.stringContaining(fault) });
});
