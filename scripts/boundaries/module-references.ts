import { tokenize, type Token } from './tokens.ts';

/** A place where a file names another module. */
export interface ModuleReference {
  readonly specifier: string;
  /** `export` re-exports from it; `dynamic` is `import()`, also as a type, `require()` or `import.meta.resolve()`. */
  readonly kind: 'import' | 'export' | 'dynamic';
  /** 1-based. */
  readonly line: number;
}

/** Finds every import, re-export and dynamic import with a literal specifier. */
export function findModuleReferences(source: string): ModuleReference[] {
  const tokens = tokenize(source);
  const found: ModuleReference[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const reference = referenceAt(tokens, i);
    if (reference !== undefined) found.push(reference);
  }
  return found;
}

function referenceAt(tokens: readonly Token[], at: number): ModuleReference | undefined {
  const token = tokens[at];
  if (token.kind !== 'word' || isMember(tokens, at)) return undefined;
  const { line } = token;
  if (token.text === 'require') {
    const from = tokens[at + 1]?.text === '.' ? at + 3 : at + 1;
    return called(tokens, from, line);
  }
  if (token.text === 'import') {
    if (tokens[at + 1]?.text === '(') return called(tokens, at + 1, line);
    if (tokens[at + 1]?.text === '.') {
      return tokens[at + 3]?.text === '.' && tokens[at + 4]?.text === 'resolve'
        ? called(tokens, at + 5, line)
        : undefined;
    }
    const bare = tokens[at + 1];
    if (bare?.kind === 'string') return { specifier: bare.text, kind: 'import', line };
    return fromClause(tokens, at + 1, 'import', line);
  }
  return token.text === 'export' ? fromClause(tokens, at + 1, 'export', line) : undefined;
}

/** True for `x.import`, `{ import: 1 }` and `import(): void`-like members, which only look like the keyword. */
function isMember(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.text;
  const after = tokens[at + 1]?.text;
  return before === '.' || before === '?.' || after === ':' || after === '=';
}

function called(tokens: readonly Token[], open: number, line: number): ModuleReference | undefined {
  const argument = tokens[open + 1];
  if (tokens[open]?.text !== '(' || (argument?.kind !== 'string' && argument?.kind !== 'template')) return undefined;
  // `import('./' + name)` names no module that could be checked.
  const end = tokens[open + 2]?.text;
  return end === ')' || end === ',' ? { specifier: argument.text, kind: 'dynamic', line } : undefined;
}

/** Reads `type? (name | * as name | { … })… from "x"`; anything else is a declaration. */
function fromClause(
  tokens: readonly Token[],
  start: number,
  kind: 'import' | 'export',
  line: number,
): ModuleReference | undefined {
  let depth = 0;
  for (let at = start; at < tokens.length; at++) {
    const { kind: tokenKind, text } = tokens[at];
    if (tokenKind === 'punctuation') {
      if (text === '{') depth++;
      else if (text === '}') depth--;
      else if (text !== ',' && text !== '*') return undefined;
    } else if (tokenKind === 'word' && text === 'from' && depth === 0) {
      const specifier = tokens[at + 1];
      if (specifier?.kind === 'string') return { specifier: specifier.text, kind, line };
    } else if (tokenKind === 'word' && depth === 0 && DECLARES.has(text)) {
      return undefined;
    } else if (tokenKind !== 'word' && tokenKind !== 'string') {
      return undefined;
    }
  }
  return undefined;
}

const DECLARES = new Set(
  'default const let var function class interface enum abstract async declare namespace module'.split(' '),
);
