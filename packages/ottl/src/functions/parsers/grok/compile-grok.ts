import { OttlRuntimeError } from '../../../ottl-error.ts';
import { compilePattern, type Pattern } from '@millrace/pattern';
import { parseBool, parseFloat64, parseInt64 } from '../../../value/convert.ts';
import type { Value, ValueMap } from '../../../value/value.ts';

/** Longest expression that a pattern may become. */
const EXPANDED_UNITS_MAX = 100_000;
/** Deepest nesting of patterns in patterns: what refers to itself ends here. */
const NESTING_MAX = 50;

/** %{NAME}, %{NAME:field} or %{NAME:field:type}. */
const REFERENCE = /%\{(\w+)(?::([\w.]+)(?::(\w+))?)?\}/g;
/** The names of groups that stand for fields, whose own names no group may have. */
const GROUP = /^grok(\d+)$/;

type Convert = (text: string) => Value | undefined;

const TYPES: Readonly<Record<string, Convert>> = {
  string: (text) => text,
  int: parseInt64,
  long: parseInt64,
  double: parseFloat64,
  float: parseFloat64,
  bool: parseBool,
  boolean: parseBool,
};

interface Field {
  readonly name: string;
  readonly type: string;
}

export interface GrokOptions {
  readonly patterns: ReadonlyMap<string, string>;
  /** Whether references without a field give nothing. Otherwise they give a field of their own name. */
  readonly namedOnly: boolean;
}

/** A Grok pattern: a regular expression whose references to other patterns were put in. */
export class GrokPattern {
  private readonly pattern: Pattern;
  /** By group. Undefined for groups that are no fields. */
  private readonly fields: readonly (Field | undefined)[];

  /** Throws for what is no pattern. */
  constructor(source: string, options: GrokOptions) {
    const expansion = new Expansion(options);
    this.pattern = compilePattern(expansion.expand(source, 0));
    this.fields = this.pattern.groupNames.map((name) => {
      const number = GROUP.exec(name)?.[1];
      if (number !== undefined) return expansion.fields[Number(number)];
      return name === '' ? undefined : { name: name.replaceAll('___', '.'), type: 'string' };
    });
  }

  get hasFields(): boolean {
    return this.fields.some((field) => field !== undefined);
  }

  /** What the fields captured; of one field twice, what was captured last. Empty without a match. */
  extract(text: string): ValueMap {
    const found = new Map<string, Value>();
    const match = this.pattern.exec(text);
    if (match === null) return found;
    for (const [i, field] of this.fields.entries()) {
      const captured = match.groups[i];
      if (field === undefined || captured === undefined || captured === '') continue;
      const value = TYPES[field.type](captured);
      if (value === undefined)
        throw new OttlRuntimeError(`cannot make ${field.type} of "${captured.slice(0, 60)}" for ${field.name}`);
      found.set(field.name, value);
    }
    return found;
  }
}

class Expansion {
  readonly fields: Field[] = [];
  private units = 0;
  private readonly options: GrokOptions;

  constructor(options: GrokOptions) {
    this.options = options;
  }

  expand(source: string, depth: number): string {
    if (depth > NESTING_MAX)
      throw new Error(`patterns are nested deeper than ${NESTING_MAX}: does one refer to itself?`);
    this.units += source.length;
    if (this.units > EXPANDED_UNITS_MAX)
      throw new Error(`the pattern gets longer than ${EXPANDED_UNITS_MAX} characters`);
    return source.replaceAll(REFERENCE, (_, name: string, field?: string, type = 'string') => {
      const referred = this.options.patterns.get(name);
      if (referred === undefined) throw new Error(`there is no pattern ${name}`);
      if (!Object.hasOwn(TYPES, type))
        throw new Error(`there is no type ${type}, only ${Object.keys(TYPES).join(', ')}`);
      return `${this.open(name, field, type)}${this.expand(referred, depth + 1)})`;
    });
  }

  private open(name: string, field: string | undefined, type: string): string {
    if (field === undefined && this.options.namedOnly) return '(?:';
    return `(?P<grok${this.fields.push({ name: field ?? name, type }) - 1}>`;
  }
}
