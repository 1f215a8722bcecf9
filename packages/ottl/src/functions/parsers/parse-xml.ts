import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import type { Value, ValueMap } from '../../value/value.ts';
import { parseXmlRoot } from './xml/parse-xml-tree.ts';
import type { XmlNode } from './xml/xml-node.ts';

export const parseXml = defineFunction({
  name: 'ParseXML',
  kind: 'converter',
  summary: 'Parses an XML document to maps of tag, content, attributes and children.',
  details: 'Comments, instructions and prefixes of names are left out; text is trimmed and joined.',
  deviation: 'Documents nested deeper than 1,000 levels are refused.',
  params: { target: p.string },
  returns: 'map',
  examples: [
    {
      code: 'ParseXML("<Log><Name type=\'first\'>Joe</Name></Log>")',
      result: new Map<string, Value>([
        ['tag', 'Log'],
        [
          'children',
          [
            new Map<string, Value>([
              ['tag', 'Name'],
              ['content', 'Joe'],
              ['attributes', new Map([['type', 'first']])],
            ]),
          ],
        ],
      ]),
    },
    { code: 'ParseXML("<a/>")', result: new Map([['tag', 'a']]) },
    { code: 'ParseXML("<a/>b")', fails: 'trailing bytes' },
    { code: 'ParseXML("<a>&nope;</a>")', fails: 'there is no entity &nope;' },
    { code: 'ParseXML("")', fails: 'there is no element' },
    { code: 'ParseXML(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ target }) =>
    (frame) => {
      const text = target(frame);
      const parsed = parseXmlRoot(text);
      if (parsed === undefined) throw new OttlRuntimeError('invalid XML: there is no element');
      if (parsed.end < text.length)
        throw new OttlRuntimeError('invalid XML: there are trailing bytes behind the element');
      return toMap(parsed.root);
    },
});

function toMap(element: XmlNode): ValueMap {
  const map = new Map<string, Value>([['tag', element.localName]]);
  let content = '';
  const children: Value[] = [];
  for (const child of element.children) {
    if (child.kind === 'text' || child.kind === 'cdata') content += child.value.trim();
    else if (child.kind === 'element') children.push(toMap(child));
  }
  if (content !== '') map.set('content', content);
  if (element.attributes.length > 0)
    map.set('attributes', new Map(element.attributes.map(({ localName, value }) => [localName, value])));
  if (children.length > 0) map.set('children', children);
  return map;
}
