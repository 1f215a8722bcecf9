/** A text with `${...}` in it, taken apart. */
export type TemplatePart = string | Reference;

/** One `${...}`. What is inside may hold further references: `${env:${env:NAME}}`. */
export interface Reference {
  readonly parts: readonly TemplatePart[];
  /** As written, with its braces. */
  readonly written: string;
  /** Index of its `$` in the text. */
  readonly index: number;
}

/** Deeper ones are left as text. */
const NESTING_MAX = 20;

/** An open `${`, or (at the bottom of the stack) the text itself. Literals keep their `$$`. */
interface Frame {
  readonly index: number;
  readonly parts: TemplatePart[];
}

/**
 * Finds the `${...}` of a text. `$$` is a dollar sign; a `$` before anything but `{` and a `${` without its `}` stand
 * for themselves. A `}` closes the innermost open reference, as in the Collector.
 */
export function parseTemplate(text: string): readonly TemplatePart[] {
  const stack: Frame[] = [{ index: 0, parts: [] }];
  let literalFrom = 0;
  const endLiteral = (at: number): void => {
    if (at > literalFrom) stack[stack.length - 1].parts.push(text.slice(literalFrom, at));
  };
  const token = /\$\$|\$\{|\}/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '${' && stack.length <= NESTING_MAX) {
      endLiteral(match.index);
      stack.push({ index: match.index, parts: [] });
      literalFrom = token.lastIndex;
    } else if (match[0] === '}' && stack.length > 1) {
      endLiteral(match.index);
      const { index, parts } = stack.pop() as Frame;
      stack[stack.length - 1].parts.push({ parts, index, written: text.slice(index, token.lastIndex) });
      literalFrom = token.lastIndex;
    }
  }
  endLiteral(text.length);
  return joined(stack);
}

/** Whether `parseTemplate` would find anything but the text itself. */
export function hasTemplate(text: string): boolean {
  return text.includes('$$') || text.includes('${');
}

/** References that were never closed are text after all. `$$` outside references becomes `$`. */
function joined(stack: readonly Frame[]): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let literal = '';
  const endLiteral = (): void => {
    if (literal !== '') parts.push(literal.replaceAll('$$', '$'));
    literal = '';
  };
  for (const [level, frame] of stack.entries()) {
    if (level > 0) literal += '${';
    for (const part of frame.parts) {
      if (typeof part === 'string') literal += part;
      else {
        endLiteral();
        parts.push(part);
      }
    }
  }
  endLiteral();
  return parts;
}
