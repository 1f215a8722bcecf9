import { defineFunction } from '../../function/define-function.ts';
import { derived } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { isList, isMap, typeName, type Value, type ValueMap } from '../../value/value.ts';

interface Level {
  readonly name: string;
  readonly texts: ReadonlySet<string>;
  readonly ranges: readonly (readonly [min: bigint, max: bigint])[];
}

export const parseSeverity = defineFunction({
  name: 'ParseSeverity',
  kind: 'converter',
  summary: 'The log level that a mapping has for a text or a number.',
  details:
    'The mapping has a list of criteria for each level: `{"equals": ["inf"]}` for texts, `{"range": {"min": 200, "max": 299}}` ' +
    'for numbers, and `"2xx"` to `"5xx"` for the ranges of HTTP status codes. The first level that fits is taken.',
  deviation:
    'A wrong mapping that is written out is refused at the start. Levels are tried in their order, not at random.',
  params: { target: p.value, mapping: p.map },
  returns: 'string',
  examples: [
    {
      code: 'ParseSeverity("inf", {"error": [{"range": "5xx"}], "info": [{"equals": ["inf"]}, {"range": "2xx"}]})',
      result: 'info',
    },
    {
      code: 'ParseSeverity(attributes["status"], {"error": [{"range": {"min": 400, "max": 499}}]})',
      given: { attributes: { status: 404n } },
      result: 'error',
    },
    { code: 'ParseSeverity("x", {"info": [{"equals": ["inf"]}]})', fails: 'no matching log level found' },
    {
      code: 'ParseSeverity(attributes["missing"], {"info": [{"equals": ["inf"]}]})',
      fails: 'log level must be either string or int64, not nil',
    },
    { code: 'ParseSeverity("x", {"info": ["inf"]})', invalid: 'criteria of "info" must be maps' },
  ],
  make: ({ target, mapping }) => {
    const levelsOf = derived(mapping, levelsIn);
    return (frame) => {
      const levels = levelsOf(frame);
      const value = target(frame);
      if (typeof value !== 'string' && typeof value !== 'bigint')
        throw new OttlRuntimeError(`log level must be either string or int64, not ${typeName(value)}`);
      for (const level of levels) if (fits(level, value)) return level.name;
      throw new OttlRuntimeError(`no matching log level found for value '${String(value).slice(0, 60)}'`);
    };
  },
});

function fits({ texts, ranges }: Level, value: string | bigint): boolean {
  if (typeof value === 'string') return texts.has(value);
  return ranges.some(([min, max]) => value >= min && value <= max);
}

function levelsIn(mapping: ValueMap): readonly Level[] {
  return Array.from(mapping, ([name, criteria]) => {
    if (!isList(criteria)) throw new OttlRuntimeError(`the criteria of "${name}" must be a list`);
    const texts = new Set<string>();
    const ranges: (readonly [bigint, bigint])[] = [];
    for (const criterion of criteria) {
      if (!isMap(criterion)) throw new OttlRuntimeError(`the criteria of "${name}" must be maps`);
      for (const text of textsIn(criterion.get('equals'), name)) texts.add(text);
      const range = criterion.get('range');
      if (range !== undefined) ranges.push(rangeOf(range, name));
    }
    return { name, texts, ranges };
  });
}

function textsIn(equals: Value | undefined, level: string): readonly string[] {
  if (equals === undefined) return [];
  if (!isList(equals)) throw new OttlRuntimeError(`equals of "${level}" must be a list`);
  if (equals.some((text) => typeof text !== 'string'))
    throw new OttlRuntimeError(`equals of "${level}" must be texts only`);
  return equals as string[];
}

function rangeOf(range: Value, level: string): readonly [bigint, bigint] {
  if (typeof range === 'string') {
    const first = /^([2-5])xx$/.exec(range)?.[1];
    if (first === undefined)
      throw new OttlRuntimeError(`range of "${level}" must be 2xx, 3xx, 4xx or 5xx, not "${range}"`);
    return [BigInt(first) * 100n, BigInt(first) * 100n + 99n];
  }
  if (!isMap(range)) throw new OttlRuntimeError(`range of "${level}" must be a map or a text`);
  const [min, max] = [range.get('min'), range.get('max')];
  if (typeof min !== 'bigint') throw new OttlRuntimeError(`range of "${level}" must have a min of type int64`);
  if (typeof max !== 'bigint') throw new OttlRuntimeError(`range of "${level}" must have a max of type int64`);
  return [min, max];
}
