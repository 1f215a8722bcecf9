import type { Evaluate, Frame } from '../compile/frame.ts';
import { OttlRuntimeError } from '../ottl-error.ts';
import type { Pattern } from '@millrace/pattern';
import { typeName, type Value } from '../value/value.ts';
import { compileTemplate, type Template } from './expand-template.ts';
import { makeGetter, type Getter } from './getter.ts';
import type { FunctionArgument } from './parameter.ts';

export interface ReplacementArguments {
  readonly replacement: Getter<string>;
  readonly function: FunctionArgument | undefined;
  readonly replacementFormat: Getter<string> | undefined;
}

/**
 * What takes the place of a match in the replace functions: the replacement with its groups filled in, given to the function if
 * there is one, whose result is put into the format if there is one.
 */
export function compileReplacement(
  pattern: Evaluate<Pattern>,
  { replacement, function: converter, replacementFormat }: ReplacementArguments,
): Evaluate<Template> {
  let template: { readonly text: string; readonly pattern: Pattern; readonly expand: Template } | undefined;
  const expandOf = (frame: Frame): Template => {
    const text = replacement(frame);
    const current = pattern(frame);
    if (template === undefined || template.text !== text || template.pattern !== current)
      template = { text, pattern: current, expand: compileTemplate(text, current) };
    return template.expand;
  };
  if (converter === undefined) return expandOf;
  let expanded = '';
  const input: Getter<Value> = makeGetter<Value>(() => expanded);
  const convert = converter.bind(input);
  return (frame) => {
    const expand = expandOf(frame);
    const format = replacementFormat?.(frame);
    return (match, text) => {
      expanded = expand(match, text);
      const result = convert(frame);
      if (typeof result !== 'string')
        throw new OttlRuntimeError(`replacement value is not a string: ${converter.name} returned ${typeName(result)}`);
      return format === undefined ? result : applyFormat(format, result);
    };
  };
}

/** Puts the text in the place of the only `%s`. */
export function applyFormat(format: string, text: string): string {
  const at = format.indexOf('%s');
  if (at < 0 || format.indexOf('%s', at + 2) >= 0)
    throw new OttlRuntimeError(`replacementFormat "${format}" must contain exactly one %s`);
  return format.slice(0, at) + text + format.slice(at + 2);
}
