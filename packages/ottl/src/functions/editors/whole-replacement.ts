import type { Evaluate } from '../../compile/frame.ts';
import { makeGetter, type Getter } from '../../function/getter.ts';
import { applyFormat, type ReplacementArguments } from '../../function/replacement.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { typeName, type Value } from '../../value/value.ts';

/** What takes the place of a text that matched as a whole: as it is, or given to the function and put into the format. */
export function compileWholeReplacement({
  replacement,
  function: converter,
  replacementFormat,
}: ReplacementArguments): Evaluate<string> {
  if (converter === undefined) return replacement;
  let given = '';
  const input: Getter<Value> = makeGetter<Value>(() => given);
  const convert = converter.bind(input);
  return (frame) => {
    given = replacement(frame);
    const result = convert(frame);
    if (typeof result !== 'string')
      throw new OttlRuntimeError(`replacement value is not a string: ${converter.name} returned ${typeName(result)}`);
    const format = replacementFormat?.(frame);
    return format === undefined ? result : applyFormat(format, result);
  };
}
