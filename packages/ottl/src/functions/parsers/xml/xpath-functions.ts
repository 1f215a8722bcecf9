import { toBoolean, toNodes, toNumber, toXPathString } from './xpath-value.ts';
import type { XPathBudget, XPathContext, XPathValue } from './xpath-value.ts';

interface XPathFunction {
  readonly min: number;
  readonly max: number;
  call(values: readonly XPathValue[], context: XPathContext): XPathValue;
}

/** A function of texts; without arguments, of the text of the context's node. */
function ofTexts(min: number, max: number, call: (...texts: string[]) => XPathValue): XPathFunction {
  return {
    min,
    max,
    call: (values, { node, budget }) =>
      call(...(values.length === 0 ? [[node]] : values).map((value) => toXPathString(value, budget))),
  };
}

function ofNumber(call: (value: number) => number): XPathFunction {
  return { min: 1, max: 1, call: ([value], { budget }) => call(toNumber(value, budget)) };
}

function ofName(call: (name: string) => string): XPathFunction {
  return {
    min: 0,
    max: 1,
    call: ([value], { node }) => call((value === undefined ? node : toNodes(value)[0])?.name ?? ''),
  };
}

function substring(values: readonly XPathValue[], budget: XPathBudget): string {
  const characters = Array.from(toXPathString(values[0], budget));
  const first = Math.round(toNumber(values[1], budget));
  const end = values.length > 2 ? first + Math.round(toNumber(values[2], budget)) : Infinity;
  return characters.filter((_, i) => i + 1 >= first && i + 1 < end).join('');
}

function translate(text: string, from: string, to: string): string {
  const [given, replacements] = [Array.from(from), Array.from(to)];
  return Array.from(text, (character) => {
    const at = given.indexOf(character);
    return at < 0 ? character : (replacements[at] ?? '');
  }).join('');
}

/** The core functions of XPath 1.0, section 4, but for id() and lang(). */
export const XPATH_FUNCTIONS: ReadonlyMap<string, XPathFunction> = new Map<string, XPathFunction>([
  ['position', { min: 0, max: 0, call: (_, { position }) => position }],
  ['last', { min: 0, max: 0, call: (_, { size }) => size }],
  ['count', { min: 1, max: 1, call: ([nodes]) => toNodes(nodes).length }],
  ['name', ofName((name) => name)],
  ['local-name', ofName((name) => name.slice(name.indexOf(':') + 1))],
  ['string', ofTexts(0, 1, (text) => text)],
  ['concat', ofTexts(2, 100, (...texts) => texts.join(''))],
  ['starts-with', ofTexts(2, 2, (text, start) => text.startsWith(start))],
  ['ends-with', ofTexts(2, 2, (text, end) => text.endsWith(end))],
  ['contains', ofTexts(2, 2, (text, part) => text.includes(part))],
  ['substring-before', ofTexts(2, 2, (text, part) => text.slice(0, Math.max(0, text.indexOf(part))))],
  [
    'substring-after',
    ofTexts(2, 2, (text, part) => (text.includes(part) ? text.slice(text.indexOf(part) + part.length) : '')),
  ],
  ['substring', { min: 2, max: 3, call: (values, { budget }) => substring(values, budget) }],
  ['string-length', ofTexts(0, 1, (text) => Array.from(text).length)],
  ['normalize-space', ofTexts(0, 1, (text) => text.trim().replaceAll(/\s+/g, ' '))],
  ['translate', ofTexts(3, 3, translate)],
  ['lower-case', ofTexts(1, 1, (text) => text.toLowerCase())],
  ['boolean', { min: 1, max: 1, call: ([value]) => toBoolean(value) }],
  ['not', { min: 1, max: 1, call: ([value]) => !toBoolean(value) }],
  ['true', { min: 0, max: 0, call: () => true }],
  ['false', { min: 0, max: 0, call: () => false }],
  ['number', { min: 0, max: 1, call: ([value], { node, budget }) => toNumber(value ?? [node], budget) }],
  [
    'sum',
    {
      min: 1,
      max: 1,
      call: ([nodes], { budget }) => toNodes(nodes).reduce((sum, node) => sum + toNumber([node], budget), 0),
    },
  ],
  ['floor', ofNumber(Math.floor)],
  ['ceiling', ofNumber(Math.ceil)],
  ['round', ofNumber(Math.round)],
]);
