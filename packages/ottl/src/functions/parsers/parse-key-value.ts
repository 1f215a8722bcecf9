import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import type { Value } from '../../value/value.ts';
import { keyValueDelimiters } from './key-value-delimiters.ts';

export const parseKeyValue = defineFunction({
  name: 'ParseKeyValue',
  kind: 'converter',
  summary: 'Parses pairs of keys and values (k1=v1 k2=v2) to a map.',
  details:
    'In quotes, single or double, delimiters between pairs have no meaning. The quotes themselves are left out. ' +
    'Behind a backslash, which stays, a quote is none.',
  params: { target: p.string, delimiter: p.optional(p.literalString), pairDelimiter: p.optional(p.literalString) },
  returns: 'map',
  examples: [
    {
      code: 'ParseKeyValue("k1=v1 k2=\'v 2\'")',
      result: new Map([
        ['k1', 'v1'],
        ['k2', 'v 2'],
      ]),
    },
    {
      code: 'ParseKeyValue("k1!v1_k2!v2", "!", "_")',
      result: new Map([
        ['k1', 'v1'],
        ['k2', 'v2'],
      ]),
    },
    { code: 'ParseKeyValue("")', fails: 'the target is empty' },
    { code: 'ParseKeyValue("k1")', fails: 'there is no "=" in "k1"' },
    { code: 'ParseKeyValue(attributes["missing"])', fails: 'expected string but got nil' },
    { code: 'ParseKeyValue("k1=v1", " ")', invalid: 'must not be the delimiter' },
  ],
  make: ({ target, delimiter: given, pairDelimiter: givenForPairs }) => {
    const { delimiter, pairDelimiter } = keyValueDelimiters(given, givenForPairs);
    return (frame) => {
      const text = target(frame);
      if (text === '') throw new OttlRuntimeError('the target is empty');
      const out = new Map<string, Value>();
      for (const pair of splitOutsideQuotes(text, pairDelimiter)) {
        const at = pair.indexOf(delimiter);
        if (at < 0) throw new OttlRuntimeError(`there is no "${delimiter}" in "${pair.slice(0, 60)}"`);
        out.set(pair.slice(0, at).trim(), pair.slice(at + delimiter.length).trim());
      }
      return out;
    };
  },
});

/** The parts between delimiters, without quotes; empty parts are left out. */
function splitOutsideQuotes(text: string, delimiter: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quote = '';
  let copied = 0;
  const take = (end: number, next: number): void => {
    part += text.slice(copied, end);
    copied = next;
  };
  for (let at = 0; at < text.length; at++) {
    const unit = text[at];
    if (quote === '' && text.startsWith(delimiter, at)) {
      take(at, at + delimiter.length);
      if (part !== '') parts.push(part);
      part = '';
      at += delimiter.length - 1;
    } else if (unit === '\\') at++;
    else if (unit === quote) {
      take(at, at + 1);
      quote = '';
    } else if (quote === '' && (unit === '"' || unit === "'")) {
      take(at, at + 1);
      quote = unit;
    }
  }
  if (quote !== '') throw new OttlRuntimeError('a quoted value has no end');
  take(text.length, text.length);
  if (part !== '') parts.push(part);
  return parts;
}
