import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { parseXmlTree } from './xml/parse-xml-tree.ts';
import { writeInside } from './xml/write-xml.ts';
import { XmlNode } from './xml/xml-node.ts';
import { compileXPath } from './xml/xpath.ts';

export const getXml = defineFunction({
  name: 'GetXML',
  kind: 'converter',
  summary: 'What an XPath selects in an XML text, as XML: elements, texts, and the values of attributes.',
  params: { target: p.string, xPath: p.literalString },
  returns: 'string',
  examples: [
    { code: 'GetXML("<a><b>1</b><b c=\'x\'>2</b></a>", "/a/b[@c=\'x\']")', result: '<b c="x">2</b>' },
    { code: 'GetXML("<a foo=\'bar\'/>", "/a/@foo")', result: 'bar' },
    { code: 'GetXML("<a/>", "//b")', result: '' },
    { code: 'GetXML("<a>", "/a")', fails: 'invalid XML' },
    { code: 'GetXML(attributes["missing"], "/a")', fails: 'expected string but got nil' },
    { code: 'GetXML("<a/>", "!")', invalid: 'invalid XPath "!"' },
  ],
  make: ({ target, xPath }) => {
    const select = compileXPath(xPath);
    return (frame) => {
      const result = new XmlNode('document', '', '');
      for (const node of select(parseXmlTree(target(frame)))) {
        if (node.kind === 'element') result.append(node);
        else if (node.kind === 'text' || node.kind === 'cdata' || node.kind === 'attribute')
          result.append(new XmlNode('text', '', node.value));
      }
      return writeInside(result);
    };
  },
});
