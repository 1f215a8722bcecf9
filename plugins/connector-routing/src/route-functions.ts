import { defineFunction, functionRegistry, type FunctionRegistry, STANDARD_FUNCTIONS } from '@millrace/ottl';

const CONVERTERS = STANDARD_FUNCTIONS.filter(({ kind }) => kind === 'converter');
/** The editors that statements may have beside `route`. */
const EDITORS = STANDARD_FUNCTIONS.filter(({ name }) => name === 'delete_key' || name === 'delete_matching_keys');

function routeFunction(make: () => () => void) {
  return defineFunction({
    name: 'route',
    kind: 'editor',
    summary: 'Changes nothing: the statement is there for its condition.',
    params: {},
    examples: [{ code: 'route() where attributes["a"] == 1', given: { attributes: { a: 1n } } }],
    make,
  });
}

/** Functions of conditions. */
export const CONDITION_FUNCTIONS: FunctionRegistry = functionRegistry(CONVERTERS);

/** Functions of statements that do what they say. */
export const STATEMENT_FUNCTIONS: FunctionRegistry = functionRegistry(CONVERTERS, EDITORS, [
  routeFunction(() => () => undefined),
]);

/** Functions of statements that only tell that their condition holds, by calling `note`, and change nothing. */
export function notingFunctions(note: () => void): FunctionRegistry {
  const editors = EDITORS.map((editor) => ({ ...editor, make: () => note }));
  return functionRegistry(CONVERTERS, editors, [routeFunction(() => note)]);
}
