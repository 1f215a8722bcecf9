import type { FunctionRegistry } from '../function/define-function.ts';
import { nearestName } from '../nearest-name.ts';
import { OttlError } from '../ottl-error.ts';
import type { Expression, StatementNode } from '../parse/syntax-tree.ts';
import { CONTEXT_NAMES, type ContextName } from './context-name.ts';
import { CONTEXTS } from './contexts.ts';

/** Which context a path counts for, by its first name. */
const CONTEXT_OF: Readonly<Record<string, ContextName>> = {
  ...(Object.fromEntries(CONTEXT_NAMES.map((name) => [name, name])) as Record<ContextName, ContextName>),
  instrumentation_scope: 'scope',
};

/** The contexts that take a path of this one, too: those of the items in it. */
const LOWER: Readonly<Record<ContextName, readonly ContextName[]>> = Object.fromEntries(
  CONTEXT_NAMES.map((name) => [
    name,
    CONTEXT_NAMES.filter((other) => other !== name && Object.hasOwn(CONTEXTS[other].levels, name)),
  ]),
) as unknown as Record<ContextName, readonly ContextName[]>;

export interface Inference {
  readonly sources: readonly string[];
  readonly nodes: readonly (StatementNode | Expression)[];
  readonly registry: FunctionRegistry;
  /** The contexts that there are to choose from: those of a signal. */
  readonly candidates: readonly ContextName[];
}

/**
 * The context of statements that do not name one, as the Collector infers it: of the contexts that their paths name, the one
 * that comes first in CONTEXT_NAMES; when it lacks a path, a function or an enum that they use, the next that they name, then
 * the first of the contexts within it. Throws OttlError when none has everything.
 */
export function inferContext(inference: Inference): ContextName {
  const { sources, nodes, candidates } = inference;
  const hints = new Hints();
  for (const node of nodes) hints.visit(node);
  const priority = (name: ContextName): number => CONTEXT_NAMES.indexOf(name);
  const named = hints.prefixes
    .map((prefix) => CONTEXT_OF[prefix])
    .filter((name) => name !== undefined)
    .sort((a, b) => priority(a) - priority(b));
  if (named.length === 0) {
    const first = hints.prefixes[0];
    throw new OttlError({
      code: 'CONTEXT',
      message: 'the context cannot be inferred: no path begins with one',
      source: sources[0] ?? '',
      offset: 0,
      expected: `paths that begin with one of ${candidates.join(', ')}, or a context for all statements`,
      suggestion: first === undefined ? undefined : nearestName(first, candidates),
    });
  }
  const chosen = [...new Set([...named, ...LOWER[named[0]]])].filter((name) => candidates.includes(name));
  for (const name of chosen) if (lacking(name, hints, inference.registry) === undefined) return name;
  throw new OttlError({
    code: 'CONTEXT',
    message: `no context fits: ${chosen.length === 0 ? `${named[0]} is no context here` : lacking(chosen[0], hints, inference.registry)}`,
    source: sources[0] ?? '',
    offset: 0,
    expected: `paths, functions and enums of one of ${candidates.join(', ')}`,
  });
}

/** What a context does not have of what the statements use. Names that no context knows are for the compiler to complain about. */
function lacking(name: ContextName, hints: Hints, registry: FunctionRegistry): string | undefined {
  for (const each of hints.prefixes)
    if (Object.hasOwn(CONTEXT_OF, each) && !Object.hasOwn(CONTEXTS[name].levels, each))
      return `${name} does not have paths of ${each}`;
  for (const each of hints.functions) {
    const contexts = registry.get(each)?.contexts;
    if (contexts !== undefined && !contexts.includes(name)) return `${name} does not have the function ${each}`;
  }
  for (const each of hints.names) {
    const isEnum = CONTEXT_NAMES.some((other) => Object.hasOwn(CONTEXTS[other].enums, each));
    if (isEnum && !Object.hasOwn(CONTEXTS[name].enums, each)) return `${name} does not have the enum ${each}`;
  }
  return undefined;
}

/** What statements use. */
class Hints {
  readonly prefixes: string[] = [];
  readonly functions: string[] = [];
  readonly names: string[] = [];

  visit(node: StatementNode | Expression): void {
    if (!('type' in node)) {
      this.visit(node.editor);
      if (node.where !== undefined) this.visit(node.where);
      return;
    }
    switch (node.type) {
      case 'path':
        if (node.fields.length > 1) this.prefixes.push(node.fields[0].name);
        for (const field of node.fields) for (const key of field.keys) this.visit(key);
        return;
      case 'call':
        this.functions.push(node.name);
        for (const argument of node.arguments) this.visit(argument.value);
        for (const key of node.keys) this.visit(key);
        return;
      case 'name':
        this.names.push(node.name);
        return;
      case 'list':
        for (const item of node.items) this.visit(item);
        return;
      case 'map':
        for (const { value } of node.entries) this.visit(value);
        return;
      case 'math':
      case 'compare':
        this.visit(node.left);
        this.visit(node.right);
        return;
      case 'and':
      case 'or':
        for (const operand of node.operands) this.visit(operand);
        return;
      case 'not':
      case 'negate':
        this.visit(node.operand);
        return;
      case 'lambda':
        this.visit(node.body);
        return;
      case 'literal':
    }
  }
}
