import { describe, expect, test } from 'vitest';
import { functionRegistry } from '../function/define-function.ts';
import { expectedOf, runExample } from '../testing/run-example.ts';
import { STANDARD_FUNCTIONS } from './standard-functions.ts';

const functions = functionRegistry(STANDARD_FUNCTIONS);
const world = { functions };

describe.each([...functions.values()].map((called) => [called.name, called] as const))('%s', (_, called) => {
  test('has examples', () => {
    expect(called.examples.length).toBeGreaterThan(0);
  });

  test.each(called.examples.map((example) => [example.code, example] as const))(
    'does what its example says: %s',
    (_, example) => {
      expect(runExample(called, example, world)).toEqual(expectedOf(called, example));
    },
  );
});
