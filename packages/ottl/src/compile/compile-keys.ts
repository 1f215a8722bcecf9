import { OttlRuntimeError } from '../ottl-error.ts';
import type { Expression } from '../parse/syntax-tree.ts';
import type { Key } from '../value/index-value.ts';
import { typeName } from '../value/value.ts';
import type { Compiled } from './compiled.ts';
import type { Evaluate } from './frame.ts';
import { failIn, type Scope } from './scope.ts';

/** What stands in the brackets behind a path or a call. */
export interface Keys {
  readonly count: number;
  /** All of them, when they are the same for every record. */
  readonly constant: readonly Key[] | undefined;
  /** The keys for a record; the array may be used again for the next. */
  readonly read: Evaluate<readonly Key[]>;
}

const NONE: Keys = { count: 0, constant: [], read: () => [] };

export function compileKeys(nodes: readonly Expression[], scope: Scope): Keys {
  if (nodes.length === 0) return NONE;
  const compiled = nodes.map((node) => scope.compile(node, scope));
  for (const [i, { constant }] of compiled.entries())
    if (constant !== undefined && typeof constant !== 'string' && typeof constant !== 'bigint')
      failIn(scope, nodes[i], {
        code: 'TYPE',
        message: `${typeName(constant)} is no key`,
        expected: 'a string or an int',
      });
  const constant = compiled.map((each) => each.constant as Key | undefined);
  if (constant.every((each) => each !== undefined)) return { count: nodes.length, constant, read: () => constant };
  return { count: nodes.length, constant: undefined, read: reader(compiled) };
}

function reader(compiled: readonly Compiled[]): Evaluate<readonly Key[]> {
  return (frame) =>
    compiled.map(({ get }) => {
      const key = get(frame);
      if (typeof key === 'string' || typeof key === 'bigint') return key;
      throw new OttlRuntimeError(`a key is string or int64, not ${typeName(key)}`);
    });
}
