import { describeNode } from './describe.ts';
import type { ConfigNode, Path } from './node.ts';
import type { Problems } from './problems.ts';

/** Reports a value of the wrong shape; or, where a file should have held it, why that file could not be parsed. */
export function reportWrongType(
  node: ConfigNode,
  { path, expected, remedy }: { path: Path; expected: string; remedy: string },
  problems: Problems,
): void {
  if (node.kind === 'scalar' && node.unparsed !== undefined) problems.error({ ...node.unparsed, path });
  else
    problems.error({
      code: 'WRONG_TYPE',
      origin: node.origin,
      path,
      message: `must be ${expected}, got ${describeNode(node)}`,
      remedy,
    });
}
