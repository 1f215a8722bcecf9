import { defineFunction } from '../../function/define-function.ts';
import { derived } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import type { Value } from '../../value/value.ts';
import { parseCsvRow, type CsvMode } from './csv-row.ts';

const MODES: readonly CsvMode[] = ['strict', 'lazyQuotes', 'ignoreQuotes'];

export const parseCsv = defineFunction({
  name: 'ParseCSV',
  kind: 'converter',
  summary: 'Parses one row of CSV to a map, whose keys stand in the headers.',
  details:
    'Line breaks around the row are left out, others belong to their field. `mode`: `strict`, `lazyQuotes` (quotes may ' +
    'stand inside of fields) or `ignoreQuotes` (quotes mean nothing).',
  params: {
    target: p.string,
    header: p.string,
    delimiter: p.optional(p.literalString),
    headerDelimiter: p.optional(p.literalString),
    mode: p.optional(p.literalString),
  },
  returns: 'map',
  examples: [
    {
      code: 'ParseCSV("999-999-9999,Joe Smith", "phone,name")',
      result: new Map([
        ['phone', '999-999-9999'],
        ['name', 'Joe Smith'],
      ]),
    },
    {
      code: 'ParseCSV(body, "a|b", delimiter="|")',
      given: { body: '"1|""2"""|\n3' },
      result: new Map([
        ['a', '1|"2"'],
        ['b', '\n3'],
      ]),
    },
    { code: 'ParseCSV(body, "a", mode="ignoreQuotes")', given: { body: '"x' }, result: new Map([['a', '"x']]) },
    { code: 'ParseCSV("1,2", "a")', fails: 'wrong number of fields: expected 1, found 2' },
    { code: 'ParseCSV(attributes["missing"], "a")', fails: 'expected string but got nil' },
    { code: 'ParseCSV("1", "a", "::")', invalid: 'delimiter must be one character' },
  ],
  make: ({ target, header, delimiter = ',', headerDelimiter = delimiter, mode = 'strict' }) => {
    checkDelimiter('delimiter', delimiter);
    checkDelimiter('headerDelimiter', headerDelimiter);
    const known = MODES.find((each) => each === mode);
    if (known === undefined) throw new Error(`mode must be strict, lazyQuotes or ignoreQuotes, not "${mode}"`);
    const namesOf = derived(header, (text) => {
      if (text === '') throw new OttlRuntimeError('headers must not be empty');
      return text.split(headerDelimiter);
    });
    return (frame) => {
      const names = namesOf(frame);
      const fields = parseCsvRow(trimLineBreaks(target(frame)), delimiter, known);
      if (fields.length !== names.length)
        throw new OttlRuntimeError(`wrong number of fields: expected ${names.length}, found ${fields.length}`);
      const row = new Map<string, Value>();
      for (let i = 0; i < names.length; i++) row.set(names[i], fields[i]);
      return row;
    };
  },
});

function checkDelimiter(name: string, delimiter: string): void {
  if (Array.from(delimiter).length !== 1) throw new Error(`${name} must be one character, it is "${delimiter}"`);
  if (/["\r\n]/.test(delimiter)) throw new Error(`${name} must be neither a quote nor a line break`);
}

function trimLineBreaks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isLineBreak(text[start])) start++;
  while (end > start && isLineBreak(text[end - 1])) end--;
  return text.slice(start, end);
}

function isLineBreak(unit: string): boolean {
  return unit === '\n' || unit === '\r';
}
