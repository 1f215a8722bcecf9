import { compileStatements } from '../compile-statements.ts';
import type { ContextName } from '../context/context-name.ts';
import { defineFunction, functionRegistry } from '../function/define-function.ts';
import * as p from '../function/parameters.ts';
import type { Program } from '../program.ts';
import type { Value } from '../value/value.ts';

/** Programs that set a path to a value of any type, also of those that have no literal. */
export function pathWriter(
  path: string,
): (context: ContextName) => { program: Program; setTo: (value: Value) => void } {
  return (context) => {
    let next: Value = null;
    const put = defineFunction({
      name: 'put',
      kind: 'editor',
      summary: 'Sets a path to the value at hand.',
      params: { target: p.getSetter },
      examples: [],
      make:
        ({ target }) =>
        (frame) => {
          target.set(frame, next);
        },
    });
    const program = compileStatements({
      context,
      statements: [`put(${path})`],
      functions: functionRegistry([put]),
    });
    return { program, setTo: (value) => void (next = value) };
  };
}
