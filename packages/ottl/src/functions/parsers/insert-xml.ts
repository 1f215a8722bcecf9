import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { parseXmlTree } from './xml/parse-xml-tree.ts';
import { writeInside } from './xml/write-xml.ts';
import { compileXPath } from './xml/xpath.ts';

/** Longest text that is made, in UTF-16 units of what is inserted: one document may be put into many places. */
const INSERTED_UNITS_MAX = 16 << 20;

export const insertXml = defineFunction({
  name: 'InsertXML',
  kind: 'converter',
  summary: 'An XML text with another one added as the last children of the elements that an XPath selects.',
  deviation: 'What would insert more than 16 MiB fails.',
  params: { target: p.string, xPath: p.literalString, subDocument: p.string },
  returns: 'string',
  examples: [
    { code: 'InsertXML("<a></a>", "/", "<foo/>")', result: '<a></a><foo></foo>' },
    { code: 'InsertXML("<a/><a/>", "//a", "<b>1</b>")', result: '<a><b>1</b></a><a><b>1</b></a>' },
    { code: 'InsertXML("<a foo=\'bar\'/>", "/a/@foo", "<b/>")', fails: 'the XPath selected what is no element' },
    { code: 'InsertXML("<a/>", "/a", "<b>")', fails: 'invalid XML' },
    { code: 'InsertXML("<a/>", "/a", nil)', invalid: 'expected string but got nil' },
  ],
  make: ({ target, xPath, subDocument }) => {
    const select = compileXPath(xPath);
    return (frame) => {
      const document = parseXmlTree(target(frame));
      const added = subDocument(frame);
      const inserted = parseXmlTree(added);
      const nodes = select(document);
      if (nodes.length * added.length > INSERTED_UNITS_MAX)
        throw new OttlRuntimeError(`cannot insert ${added.length} characters in ${nodes.length} places`);
      for (const node of nodes) {
        if (node.kind !== 'element' && node.kind !== 'document')
          throw new OttlRuntimeError(
            `the XPath selected what is no element: "${(node.name || node.value).slice(0, 60)}"`,
          );
        for (const child of inserted.clone().children) node.append(child);
      }
      return writeInside(document);
    };
  },
});
