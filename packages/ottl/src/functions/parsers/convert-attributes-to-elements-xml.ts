import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { parseXmlTree } from './xml/parse-xml-tree.ts';
import { writeInside } from './xml/write-xml.ts';
import { XmlNode } from './xml/xml-node.ts';
import { compileXPath } from './xml/xpath.ts';

export const convertAttributesToElementsXml = defineFunction({
  name: 'ConvertAttributesToElementsXML',
  kind: 'converter',
  summary: 'An XML text whose attributes became child elements: all, or those of the elements that an XPath selects.',
  params: { target: p.string, xPath: p.optional(p.literalString) },
  returns: 'string',
  examples: [
    {
      code: 'ConvertAttributesToElementsXML("<a foo=\'bar\'><b>baz</b></a>")',
      result: '<a><b>baz</b><foo>bar</foo></a>',
    },
    {
      code: 'ConvertAttributesToElementsXML("<a x=\'1\'><b y=\'2\'/></a>", "/a/b")',
      result: '<a x="1"><b><y>2</y></b></a>',
    },
    { code: 'ConvertAttributesToElementsXML("<a")', fails: 'invalid XML' },
    { code: 'ConvertAttributesToElementsXML(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make: ({ target, xPath = '//*' }) => {
    const select = compileXPath(xPath === '' ? '//*' : xPath);
    return (frame) => {
      const document = parseXmlTree(target(frame));
      for (const node of select(document)) {
        for (const attribute of node.attributes) {
          const element = new XmlNode('element', attribute.name, '');
          if (attribute.value !== '') element.append(new XmlNode('text', '', attribute.value));
          node.append(element);
        }
        node.attributes = [];
      }
      return writeInside(document);
    };
  },
});
