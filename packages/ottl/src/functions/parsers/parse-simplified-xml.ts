import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import type { Value, ValueMap } from '../../value/value.ts';
import { parseXmlTree } from './xml/parse-xml-tree.ts';
import type { XmlNode } from './xml/xml-node.ts';

export const parseSimplifiedXml = defineFunction({
  name: 'ParseSimplifiedXML',
  kind: 'converter',
  summary: 'Parses an XML document to maps of tags and texts, without attributes and without text beside elements.',
  details: 'Elements of one name beside each other become a list. Empty ones are left out.',
  deviation: 'Documents nested deeper than 1,000 levels are refused.',
  params: { target: p.string },
  returns: 'map',
  examples: [
    {
      code: 'ParseSimplifiedXML("<a><b>1</b><c>2</c><c>3</c></a>")',
      result: new Map([
        [
          'a',
          new Map<string, Value>([
            ['b', '1'],
            ['c', ['2', '3']],
          ]),
        ],
      ]),
    },
    { code: 'ParseSimplifiedXML("<a><b>1</b><b/></a>")', result: new Map([['a', new Map([['b', ['1']]])]]) },
    { code: 'ParseSimplifiedXML("<a x=\'1\'/>")', result: new Map() },
    { code: 'ParseSimplifiedXML("<a>>>>>>>")', fails: 'invalid XML' },
    { code: 'ParseSimplifiedXML(1)', invalid: 'expected string but got int64' },
  ],
  make:
    ({ target }) =>
    (frame) =>
      childrenOf(parseXmlTree(target(frame))),
});

function childrenOf(parent: XmlNode): ValueMap {
  const counts = new Map<string, number>();
  const elements = parent.children.filter(({ kind }) => kind === 'element');
  for (const { localName } of elements) counts.set(localName, (counts.get(localName) ?? 0) + 1);
  const lists = new Map<string, Value[]>();
  const out = new Map<string, Value>();
  for (const element of elements) {
    if (element.children.length === 0) continue;
    const { localName } = element;
    const list = counts.get(localName) === 1 ? undefined : (lists.get(localName) ?? []);
    if (list !== undefined) {
      lists.set(localName, list);
      out.set(localName, list);
    }
    const value = leafOf(element) || childrenOf(element);
    if (typeof value !== 'string' && value.size === 0) continue;
    if (list === undefined) out.set(localName, value);
    else list.push(value);
  }
  return out;
}

/** The first text of an element that has no elements inside. */
function leafOf({ children }: XmlNode): string {
  if (children.some(({ kind }) => kind === 'element')) return '';
  return children.find(({ kind }) => kind === 'text' || kind === 'cdata')?.value ?? '';
}
