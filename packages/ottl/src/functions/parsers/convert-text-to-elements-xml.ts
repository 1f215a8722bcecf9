import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { parseXmlTree } from './xml/parse-xml-tree.ts';
import { writeInside } from './xml/write-xml.ts';
import { XmlNode } from './xml/xml-node.ts';
import { compileXPath } from './xml/xpath.ts';

export const convertTextToElementsXml = defineFunction({
  name: 'ConvertTextToElementsXML',
  kind: 'converter',
  summary: 'An XML text in which text beside other text or elements stands in an element of its own.',
  deviation: 'Text of white space only stays as it is. Documents nested deeper than 1,000 levels are refused.',
  params: { target: p.string, xPath: p.optional(p.literalString), elementName: p.optional(p.literalString) },
  returns: 'string',
  examples: [
    {
      code: 'ConvertTextToElementsXML("<a><b>foo</b>bar</a>")',
      result: '<a><b>foo</b><value>bar</value></a>',
    },
    {
      code: 'ConvertTextToElementsXML("<a><b/>x</a><c><d/>y</c>", "/c", "custom")',
      result: '<a><b></b>x</a><c><d></d><custom>y</custom></c>',
    },
    { code: 'ConvertTextToElementsXML("<a>only</a>")', result: '<a>only</a>' },
    { code: 'ConvertTextToElementsXML("<a")', fails: 'invalid XML' },
    { code: 'ConvertTextToElementsXML(1)', invalid: 'expected string but got int64' },
    { code: 'ConvertTextToElementsXML("<a/>", elementName="<")', invalid: 'no name of an element' },
  ],
  make: ({ target, xPath = '/', elementName = 'value' }) => {
    const name = elementName === '' ? 'value' : elementName;
    if (!/^[\p{L}_:][\p{L}\p{N}_:.-]*$/u.test(name)) throw new Error(`"${name}" is no name of an element`);
    const select = compileXPath(xPath === '' ? '/' : xPath);
    return (frame) => {
      const document = parseXmlTree(target(frame));
      for (const node of select(document)) {
        const all = [node, ...node.descendants()];
        for (const each of all) wrapTexts(each, name);
      }
      return writeInside(document);
    };
  },
});

function wrapTexts(node: XmlNode, name: string): void {
  let texts = 0;
  let elements = 0;
  for (const child of node.children) {
    if (isText(child)) texts++;
    else if (child.kind === 'element') elements++;
  }
  if (texts === 0 || texts + elements <= 1) return;
  node.children = node.children.map((child) => {
    if (!isText(child)) return child;
    const element = new XmlNode('element', name, '');
    element.parent = node;
    element.append(child);
    return element;
  });
}

function isText({ kind, value }: XmlNode): boolean {
  return kind === 'text' && value.trim() !== '';
}
