import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import type { Value, ValueMap } from '../../value/value.ts';

/** CEF:Version, and the six fields behind it. */
const HEADER = [
  'version',
  'device_vendor',
  'device_product',
  'device_version',
  'device_event_class_id',
  'name',
  'severity',
];

export const parseCef = defineFunction({
  name: 'ParseCEF',
  kind: 'converter',
  summary: 'A map of a message in the Common Event Format: its header fields, and its extensions as texts.',
  details: 'What stands before `CEF:`, such as a syslog header, is skipped. Values of extensions may contain spaces.',
  params: { target: p.string },
  returns: 'map',
  contexts: ['log'],
  examples: [
    {
      code: 'ParseCEF("CEF:0|Security|threatmanager|1.0|100|worm stopped|10|src=10.0.0.1 msg=two words spt=1232")',
      result: new Map<string, Value>([
        ['cef.version', '0'],
        ['cef.device_vendor', 'Security'],
        ['cef.device_product', 'threatmanager'],
        ['cef.device_version', '1.0'],
        ['cef.device_event_class_id', '100'],
        ['cef.name', 'worm stopped'],
        ['cef.severity', '10'],
        [
          'cef.extensions',
          new Map([
            ['src', '10.0.0.1'],
            ['msg', 'two words'],
            ['spt', '1232'],
          ]),
        ],
      ]),
    },
    { code: 'ParseCEF("CEF:0|a|b")', fails: 'the header has 3 of 7 fields' },
    { code: 'ParseCEF("text")', fails: 'there is no CEF: in it' },
    { code: 'ParseCEF(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      parse(target(frame)),
});

function parse(message: string): ValueMap {
  const start = message.indexOf('CEF:');
  if (start < 0) throw new OttlRuntimeError('invalid CEF: there is no CEF: in it');
  const { fields, extension } = splitHeader(message.slice(start + 4));
  if (fields.length < HEADER.length)
    throw new OttlRuntimeError(`invalid CEF: the header has ${fields.length} of ${HEADER.length} fields`);
  if (fields[0] === '') throw new OttlRuntimeError('invalid CEF: the version is missing');
  const parsed = new Map<string, Value>();
  for (const [i, name] of HEADER.entries())
    parsed.set(`cef.${name}`, i === 0 ? fields[0] : fields[i].replaceAll(/\\([\\|])/g, '$1'));
  parsed.set('cef.extensions', extensionsIn(extension));
  return parsed;
}

/** Splits at pipes that are not escaped, up to the seventh. */
function splitHeader(text: string): { readonly fields: readonly string[]; readonly extension: string } {
  const fields: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length && fields.length < HEADER.length; at++) {
    if (text[at] === '\\' && (text[at + 1] === '|' || text[at + 1] === '\\')) at++;
    else if (text[at] === '|') {
      fields.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (fields.length === HEADER.length) return { fields, extension: text.slice(start) };
  return { fields: [...fields, text.slice(start)], extension: '' };
}

const KEY = /(?<=^| )\w+(?==)/g;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', '=': '=', '\\': '\\' };

/** A value goes on to the space before the next key. */
function extensionsIn(text: string): ValueMap {
  const parsed = new Map<string, Value>();
  let key: string | undefined;
  let from = 0;
  const put = (end: number): void => {
    if (key === undefined) return;
    const value = text.slice(from, end).replace(/ +$/, '');
    parsed.set(
      key,
      value.replaceAll(/\\([\\=nr])/g, (_, letter: string) => ESCAPES[letter]),
    );
  };
  for (const match of text.matchAll(KEY)) {
    put(match.index);
    key = match[0];
    from = match.index + key.length + 1;
  }
  put(text.length);
  return parsed;
}
