import {
  compileStatements,
  defineFunction,
  functionRegistry,
  parameters as p,
  type ContextName,
  type Program,
  type Value,
} from '../../packages/ottl/src/index.ts';

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
      compilePattern: () => {
        throw new Error('no patterns here');
      },
    });
    return { program, setTo: (value) => void (next = value) };
  };
}
