import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import type { Value, ValueMap } from '../../value/value.ts';

const DIRECTIVES: Readonly<Record<string, string>> = {
  version: 'elf.version',
  software: 'elf.software',
  date: 'elf.date',
  'start-date': 'elf.start_date',
  'end-date': 'elf.end_date',
  remark: 'elf.remark',
};

export const parseElf = defineFunction({
  name: 'ParseELF',
  kind: 'converter',
  summary: 'A map of a whole log in the W3C Extended Log Format: its directives, and a map for each of its lines.',
  details:
    '`elf.fields` are the names of the last `#Fields`, `elf.entries` the lines by the fields before them. Values that a line ' +
    'lacks are `-`, values beyond the fields are left out.',
  params: { target: p.string },
  returns: 'map',
  contexts: ['log'],
  examples: [
    {
      code: 'ParseELF(body)',
      given: { body: '#Version: 1.0\n#Fields: time cs-method cs-uri\n00:34:23 GET "/foo bar"' },
      result: new Map<string, Value>([
        [
          'elf.entries',
          [
            new Map([
              ['time', '00:34:23'],
              ['cs-method', 'GET'],
              ['cs-uri', '/foo bar'],
            ]),
          ],
        ],
        ['elf.version', '1.0'],
        ['elf.fields', ['time', 'cs-method', 'cs-uri']],
      ]),
    },
    { code: 'ParseELF("#Fields: a")', fails: 'there is no #Version' },
    { code: 'ParseELF("#Version: 1.0\\nx")', fails: 'a line stands before #Fields' },
    { code: 'ParseELF(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      parse(target(frame)),
});

function parse(text: string): ValueMap {
  const entries: ValueMap[] = [];
  const parsed = new Map<string, Value>([['elf.entries', entries]]);
  let fields: readonly string[] = [];
  for (const each of text.split(/\r\n?|\n/)) {
    const line = each.trim();
    if (line === '') continue;
    if (!line.startsWith('#')) {
      if (fields.length === 0) throw new OttlRuntimeError('invalid ELF: a line stands before #Fields');
      entries.push(entryOf(line, fields));
      continue;
    }
    const colon = line.indexOf(':');
    const name = line
      .slice(1, colon < 0 ? undefined : colon)
      .trim()
      .toLowerCase();
    if (colon < 0) {
      // Other directives that are broken change nothing; this one would spoil all lines behind it.
      if (name.startsWith('fields')) throw new OttlRuntimeError('invalid ELF: #Fields has no colon');
      continue;
    }
    const value = line.slice(colon + 1).trim();
    if (name === 'fields') fields = value === '' ? [] : value.split(/\s+/);
    else if (Object.hasOwn(DIRECTIVES, name)) parsed.set(DIRECTIVES[name], value);
  }
  if (!parsed.has('elf.version')) throw new OttlRuntimeError('invalid ELF: there is no #Version');
  return parsed.set('elf.fields', fields);
}

function entryOf(line: string, fields: readonly string[]): ValueMap {
  const values = valuesIn(line);
  return new Map(fields.map((field, i) => [field, values[i] ?? '-']));
}

/** A value ends at a space or tab, one in quotes at a quote that is not doubled. */
const VALUE = /[ \t]*(?:"((?:[^"]|"")*)"|([^" \t][^ \t]*)|(")|$)/y;

function valuesIn(line: string): string[] {
  const values: string[] = [];
  VALUE.lastIndex = 0;
  while (VALUE.lastIndex < line.length) {
    const match = VALUE.exec(line)!;
    if (match[3] !== undefined) throw new OttlRuntimeError('invalid ELF: a quoted value has no end');
    values.push(match[1]?.replaceAll('""', '"') ?? match[2]);
  }
  return values;
}
