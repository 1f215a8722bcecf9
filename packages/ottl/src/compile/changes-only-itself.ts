import type { Context } from '../context/contexts.ts';
import type { StatementNode } from '../parse/syntax-tree.ts';

/**
 * Whether statements change nothing but the record that they run for, so that it does not matter to one record what has been done
 * for the others. An editor changes what its target names; of one without a target nothing is known.
 */
export function changesOnlyItself(statements: readonly StatementNode[], context: Context): boolean {
  return statements.every(({ editor }) => {
    const target = editor.arguments.find(({ name }, i) => (name === undefined ? i === 0 : name === 'target'))?.value;
    if (target?.type !== 'path') return false;
    const [first] = target.fields;
    const hasPrefix = target.fields.length > 1 && first.keys.length === 0 && Object.hasOwn(context.levels, first.name);
    return !hasPrefix || first.name === context.name;
  });
}
