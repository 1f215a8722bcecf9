import { Script } from 'node:vm';
import type { StepTools } from '@millrace/api';
import { double, int, key } from '@millrace/otlp';
import type { Deadline } from './deadline.ts';
import { eraseTypes } from './erase-types.ts';
import { describeFailure, describeSyntaxError, fileNameOf, refusedAt, ScriptError } from './script-error.ts';
import { BATCH_FUNCTIONS, type FunctionName, ITEM_FUNCTIONS, type ScriptSource } from './script-source.ts';

export type ScriptFunction = (argument: unknown) => unknown;

/** What a script finds in scope, besides JavaScript's own. */
export type ScriptTools = Pick<StepTools, 'count' | 'nowUnixNano' | 'logger'>;

const NAMES: readonly FunctionName[] = [...BATCH_FUNCTIONS, ...ITEM_FUNCTIONS];
const RESULT = NAMES.map((name) => `${name}: typeof ${name} === 'function' ? ${name} : undefined`).join(', ');
const EXPORTS_MAX = 100;

type Scope = readonly [typeof double, typeof int, typeof key, ScriptTools];

/** The functions that a script declares. Runs what it has outside of them. @throws ScriptError */
export function compileScript(
  source: ScriptSource,
  options: { readonly tools: ScriptTools; readonly deadline: Deadline },
): ReadonlyMap<FunctionName, ScriptFunction> {
  const main = compile(source);
  let result: Partial<Record<FunctionName, ScriptFunction>> = {};
  try {
    options.deadline.run(() => (result = main(double, int, key, options.tools)));
  } catch (error) {
    throw new ScriptError(source.key, describeFailure(error, source), { cause: error });
  }
  const found = NAMES.flatMap((name) => {
    const each = result[name];
    return each === undefined ? [] : [[name, each] as const];
  });
  for (const [name, each] of found) refuseLater(source, name, each);
  if (found.length === 0) {
    throw new ScriptError(source.key, `${source.name}: declares none of the functions ${NAMES.join(', ')}`);
  }
  return new Map(found);
}

type Main = (...scope: Scope) => Partial<Record<FunctionName, ScriptFunction>>;

/** A function around the script: two scripts of a worker do not see each other's names. */
function compile(source: ScriptSource): Main {
  const head = headOf(source);
  let text = withoutTypes(source, head);
  for (let exports = 0; exports < EXPORTS_MAX; exports++) {
    try {
      const whole = `(function (double, int, key, tools) { 'use strict'; ${head}\n${text}\nreturn { ${RESULT} }; })`;
      const script = new Script(whole, { filename: fileNameOf(source), lineOffset: -1 });
      return script.runInThisContext() as Main;
    } catch (error) {
      const exposed = withoutExport(text, error);
      if (exposed === undefined) throw new ScriptError(source.key, explain(error, source), { cause: error });
      text = exposed;
    }
  }
  throw new ScriptError(source.key, `${source.name}: exports more than ${EXPORTS_MAX} names`);
}

/** What makes a body a function; '' for whole scripts. */
function headOf({ bodyOf }: ScriptSource): string {
  return bodyOf === undefined ? '' : `function ${bodyOf.name}(${bodyOf.parameter}) {`;
}

function withoutTypes({ text, ...source }: ScriptSource, head: string): string {
  try {
    if (head === '') return eraseTypes(text);
    // The parser needs to know that "return" is inside of a function; the head itself is added again later.
    const erased = eraseTypes(`${head}\n${text}\n}`);
    return erased.slice(erased.indexOf('\n') + 1);
  } catch (error) {
    const message = describeSyntaxError(error, { ...source, text }, head === '' ? 0 : 1);
    throw new ScriptError(source.key, message, { cause: error });
  }
}

/** Scripts may be written as modules. Where the parser stumbles over an `export`, spaces take its place. */
function withoutExport(text: string, error: unknown): string | undefined {
  const position = refusedAt(error);
  if (position?.column === undefined) return undefined;
  const lines = text.split('\n');
  const line = lines[position.line - 1] ?? '';
  const rest = line.slice(position.column - 1);
  if (!/^export\b(?!\s+default\b)/.test(rest)) return undefined;
  lines[position.line - 1] = `${line.slice(0, position.column - 1)}      ${rest.slice('export'.length)}`;
  return lines.join('\n');
}

function explain(error: unknown, source: ScriptSource): string {
  const text = describeSyntaxError(error, source, 0);
  if (text.includes('import statement')) return `${text}\nonly types can be imported: "import type"`;
  if (text.includes("Unexpected token 'export'")) return `${text}\ngive the function a name: "export function log"`;
  return text;
}

/** Functions whose result comes later, if anybody asks for it. */
const LATER = new Set(['AsyncFunction', 'GeneratorFunction', 'AsyncGeneratorFunction']);

function refuseLater(source: ScriptSource, name: string, each: ScriptFunction): void {
  if (!LATER.has(each.constructor.name)) return;
  const message = `${source.name}: ${name} is asynchronous or a generator, and nobody waits for what it does`;
  throw new ScriptError(source.key, message);
}
