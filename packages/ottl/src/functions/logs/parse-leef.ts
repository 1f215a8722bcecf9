import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import type { Value, ValueMap } from '../../value/value.ts';

const HEADER = ['vendor', 'product.name', 'product.version', 'event.id'];

export const parseLeef = defineFunction({
  name: 'ParseLEEF',
  kind: 'converter',
  summary:
    'A map of a message in the Log Event Extended Format, version 1.0 or 2.0: its header fields, and its attributes as texts.',
  details:
    'What stands before `LEEF:` is skipped. Attributes are delimited by tabs; the header of version 2.0 may name another ' +
    'character, as it is or as 0x and two hex digits. Attributes without a key or `=` are left out.',
  params: { target: p.string },
  returns: 'map',
  contexts: ['log'],
  examples: [
    {
      code: 'ParseLEEF("LEEF:2.0|Lancope|StealthWatch|1.0|41|^|src=10.0.1.8^sev=5")',
      result: new Map<string, Value>([
        ['leef.version', '2.0'],
        ['leef.vendor', 'Lancope'],
        ['leef.product.name', 'StealthWatch'],
        ['leef.product.version', '1.0'],
        ['leef.event.id', '41'],
        [
          'leef.attributes',
          new Map([
            ['src', '10.0.1.8'],
            ['sev', '5'],
          ]),
        ],
      ]),
    },
    { code: 'ParseLEEF("LEEF:3.0|a|b|c|d|")', fails: 'there is no version "3.0"' },
    { code: 'ParseLEEF("LEEF:1.0|a|b")', fails: 'the header has 2 of 4 fields' },
    { code: 'ParseLEEF("LEEF:2.0|a|b|c|d|ab|x=1")', fails: '"ab" is no delimiter' },
    { code: 'ParseLEEF("text")', fails: 'there is no LEEF: in it' },
    { code: 'ParseLEEF(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      parse(target(frame)),
});

function parse(message: string): ValueMap {
  const start = message.indexOf('LEEF:');
  if (start < 0) throw new OttlRuntimeError('invalid LEEF: there is no LEEF: in it');
  const [version, ...parts] = message.slice(start + 5).split('|');
  if (parts.length > 0 && version !== '1.0' && version !== '2.0')
    throw new OttlRuntimeError(`invalid LEEF: there is no version "${version.slice(0, 20)}"`);
  if (parts.length < HEADER.length)
    throw new OttlRuntimeError(`invalid LEEF: the header has ${parts.length} of ${HEADER.length} fields`);
  // Version 2.0 may name a delimiter, but need not.
  const namesDelimiter = version === '2.0' && parts.length > 4 && !parts[4].includes('=');
  const delimiter = namesDelimiter ? delimiterOf(parts[4]) : '\t';
  const attributes = parts.slice(namesDelimiter ? 5 : 4).join('|');
  const parsed = new Map<string, Value>([['leef.version', version]]);
  for (const [i, name] of HEADER.entries()) parsed.set(`leef.${name}`, parts[i]);
  return parsed.set('leef.attributes', attributesIn(attributes, delimiter));
}

function delimiterOf(text: string): string {
  if (text === '') return '\t';
  if (/^0x/i.test(text)) {
    if (/^0x[0-7][0-9a-f]$/i.test(text)) return String.fromCharCode(Number(text));
  } else if (text.length === 1 && text < '\u0080') return text;
  throw new OttlRuntimeError(`invalid LEEF: "${text.slice(0, 20)}" is no delimiter`);
}

function attributesIn(text: string, delimiter: string): ValueMap {
  const parsed = new Map<string, Value>();
  for (const pair of text.split(delimiter)) {
    const at = pair.indexOf('=');
    if (at > 0) parsed.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return parsed;
}
