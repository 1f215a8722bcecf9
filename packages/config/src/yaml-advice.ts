import type { YAMLParseError } from 'yaml';
import type { SyntaxFault } from './parse-yaml.ts';

const ADVICE: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  TAB_AS_INDENT: ['a tab indents this line', 'indent with spaces'],
  BAD_INDENT: ['the indentation does not fit what is above', 'line it up with its neighbours'],
  MISSING_CHAR: ['a character is missing here', 'add the colon, comma or space that the YAML needs'],
  MULTILINE_IMPLICIT_KEY: ['a key must stand on one line', 'is a ":" missing, or a space after it?'],
  IMPOSSIBLE: ['the text makes no sense here', 'look at the line above'],
  UNEXPECTED_TOKEN: ['unexpected characters', 'quote the value if they belong to it'],
  BAD_ALIAS: ['the alias is malformed', 'quote the value if its * is not an alias'],
  BAD_SCALAR_START: ['a value cannot start with this character', 'quote the value'],
  BAD_DQ_ESCAPE: [
    'the escape in the double-quoted text is unknown',
    'write \\\\ for a backslash, or use single quotes',
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    'a map starts in a line that already has a value',
    'quote the value, or indent it in a new line',
  ],
  BLOCK_IN_FLOW: ['an indented block stands inside brackets', 'write it with brackets, or take the brackets away'],
  RESOURCE_EXHAUSTION: ['values are nested too deeply', 'nest them less'],
  MULTIPLE_DOCS: ['there is a second document after ---', 'only the first one is read; take the others away'],
};

/** Says in the user's words what the YAML parser found, and what to do. */
export function adviceFor(error: YAMLParseError, text: string, start: number): SyntaxFault {
  const detail = error.message.split('\n')[0].replace(/\.$/, '');
  const [message, remedy] = adviceByText(text, error.pos[0]) ??
    adviceByDetail(detail) ??
    ADVICE[error.code] ?? [lowerFirst(detail), 'correct the YAML'];
  const severity = error.code === 'MULTIPLE_DOCS' ? 'warning' : 'error';
  const offset = start + placeOf(error, text);
  return { code: `YAML_${error.code}`, offset, message, remedy, recoverable: severity === 'warning', severity };
}

/** Unquoted, the braces of a reference are those of a map to YAML. */
function adviceByText(text: string, at: number): readonly [message: string, remedy: string] | undefined {
  if (!text.startsWith('${', at - 1)) return undefined;
  return ['within { } or [ ], a "${...}" must be quoted', 'write "${...}" with quotes'];
}

/** Leaves out what only follows from a fault before: more than one on a line, and all that is unexpected after one. */
export function withoutFollowers(faults: readonly SyntaxFault[], lineOf: (offset: number) => number): SyntaxFault[] {
  const kept: SyntaxFault[] = [];
  for (const fault of faults) {
    const last = kept.at(-1);
    if (last !== undefined && fault.code === 'YAML_UNEXPECTED_TOKEN') continue;
    if (last === undefined || lineOf(last.offset) !== lineOf(fault.offset)) kept.push(fault);
  }
  return kept;
}

/** Where one code stands for several things. */
function adviceByDetail(detail: string): readonly [message: string, remedy: string] | undefined {
  const flow = /^Flow (sequence|map)/.exec(detail);
  if (flow?.[1] === 'map') return ['a "{" above is not closed', 'add the "}", or indent the lines until there'];
  if (flow !== null) return ['a "[" above is not closed', 'add the "]", or indent the lines until there'];
  if (detail.startsWith('Missing closing')) return ['a quote is not closed', 'add the quote at the end of the value'];
  return undefined;
}

/** Moves a place to where people would look for the fault. */
function placeOf(error: YAMLParseError, text: string): number {
  const at = Math.min(error.pos[0], Math.max(0, text.length - 1));
  if (error.code === 'TAB_AS_INDENT') {
    const tab = text.indexOf('\t', text.lastIndexOf('\n', at - 1) + 1);
    return tab === -1 ? at : tab;
  }
  if (error.code !== 'BAD_INDENT') return at;
  // The line that is indented badly, not the end of the one above.
  const rest = /\S/.exec(text.slice(at));
  return rest === null ? at : at + rest.index;
}

function lowerFirst(text: string): string {
  return text === '' ? text : text[0].toLowerCase() + text.slice(1);
}
