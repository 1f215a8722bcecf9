import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { parseXmlTree } from './xml/parse-xml-tree.ts';
import { writeInside } from './xml/write-xml.ts';
import type { XmlNode } from './xml/xml-node.ts';
import { compileXPath } from './xml/xpath.ts';

export const removeXml = defineFunction({
  name: 'RemoveXML',
  kind: 'converter',
  summary: 'An XML text without what an XPath selects.',
  params: { target: p.string, xPath: p.literalString },
  returns: 'string',
  examples: [
    { code: 'RemoveXML("<a><b/><c/></a>", "/a/b")', result: '<a><c></c></a>' },
    { code: 'RemoveXML("<a foo=\'1\' bar=\'2\'/>", "/a/@foo")', result: '<a bar="2"></a>' },
    { code: 'RemoveXML("<a><!-- x --></a>", "//comment()")', result: '<a></a>' },
    { code: 'RemoveXML("<a", "/a")', fails: 'invalid XML' },
    { code: 'RemoveXML(1, "/a")', invalid: 'expected string but got int64' },
    { code: 'RemoveXML("<a/>", "1 + 1")', invalid: 'does not select nodes' },
  ],
  make: ({ target, xPath }) => {
    const select = compileXPath(xPath);
    return (frame) => {
      const document = parseXmlTree(target(frame));
      const removed = new Set(select(document));
      const parents = new Set<XmlNode>();
      for (const { parent } of removed) if (parent !== null) parents.add(parent);
      for (const parent of parents) {
        parent.children = parent.children.filter((child) => !removed.has(child));
        parent.attributes = parent.attributes.filter((attribute) => !removed.has(attribute));
      }
      return writeInside(document);
    };
  },
});
