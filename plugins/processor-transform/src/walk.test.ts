import { compileStatements, functionRegistry, STANDARD_FUNCTIONS } from '@millrace/ottl';
import { expect, test } from 'vitest';
import { walksOf } from './walk.ts';

const functions = functionRegistry(STANDARD_FUNCTIONS);
const walks = (...statements: string[]) =>
  walksOf(statements.map((each) => compileStatements({ functions, statements: [each] }))).map(
    ({ context, programs }) => `${context} ${programs.length}`,
  );

test('neighbours of one context that change only their own record share a walk', () => {
  expect(
    walks(
      'set(log.body, "x")',
      'set(log.attributes["r"], resource.attributes["r"])',
      'delete_key(log.attributes, "x")',
    ),
  ).toEqual(['log 3']);
});

test('other contexts, and changes of what records have in common, keep their order', () => {
  const own = 'set(log.body, "x")';
  expect(walks(own, 'set(resource.attributes["x"], 1)', own)).toEqual(['log 1', 'resource 1', 'log 1']);
  expect(walks(own, 'set(resource.attributes["x"], log.body)', own, own)).toEqual(['log 1', 'log 1', 'log 2']);
});
