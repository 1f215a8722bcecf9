import type { YAMLParseError } from 'yaml';
import type { SyntaxFault } from './parse-yaml.ts';

const ADVICE: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  TAB_AS_INDENT: ['a tab indents this line', 'indent with spaces'],
  BAD_INDENT: ['the indentation does not fit what is above', 'line it up with its neighbours'],
  MISSING_CHAR: ['something is missing here', 'close the quote or bracket, or put the colon that a key needs'],
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
  MULTIPLE_DOCS: ['there is a second document after ---', 'only the first one is read; take the others away'],
};

/** Says in the user's words what the YAML parser found, and what to do. */
export function adviceFor(error: YAMLParseError, text: string, start: number): SyntaxFault {
  const [known, remedy] = ADVICE[error.code] ?? [undefined, 'correct the YAML'];
  const detail = error.message.split('\n')[0].replace(/\.$/, '');
  const message = known === undefined || error.code === 'MISSING_CHAR' ? lowerFirst(detail) : known;
  const severity = error.code === 'MULTIPLE_DOCS' ? 'warning' : 'error';
  return {
    code: `YAML_${error.code}`,
    offset: start + placeOf(error, text),
    message,
    remedy,
    // A tab in front of a line is understood as the spaces that it should be.
    recoverable: severity === 'warning',
    severity,
  };
}

/** The parser reports the end of the text where a quote is open; the last character is a better place to look. */
function placeOf(error: YAMLParseError, text: string): number {
  const at = Math.min(error.pos[0], Math.max(0, text.length - 1));
  if (error.code !== 'TAB_AS_INDENT') return at;
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const tab = text.indexOf('\t', lineStart);
  return tab === -1 ? at : tab;
}

function lowerFirst(text: string): string {
  return text === '' ? text : text[0].toLowerCase() + text.slice(1);
}
