import type { XmlNode } from './xml-node.ts';

/** What is inside of a node as XML. Text is trimmed, unless `xml:space` says otherwise. */
export function writeInside(node: XmlNode): string {
  return node.children.map((child) => write(child, keepsSpaces(node, false))).join('');
}

function write(node: XmlNode, keeps: boolean): string {
  switch (node.kind) {
    case 'text':
      return escapeText(keeps ? node.value : node.value.trim());
    case 'cdata':
      return `<![CDATA[${node.value}]]>`;
    case 'comment':
      return `<!--${node.value}-->`;
    case 'doctype':
      return `<!${node.value}>`;
    case 'instruction':
      return `<?${node.name}${node.value === '' ? '' : ` ${node.value}`}?>`;
    default: {
      const inner = keepsSpaces(node, keeps);
      const attributes = node.attributes.map(({ name, value }) => ` ${name}="${escapeText(value)}"`).join('');
      return `<${node.name}${attributes}>${node.children.map((child) => write(child, inner)).join('')}</${node.name}>`;
    }
  }
}

function keepsSpaces(node: XmlNode, outside: boolean): boolean {
  const space = node.attributes.find(({ name }) => name === 'xml:space')?.value;
  return space === 'preserve' || (space !== 'default' && outside);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (unit) => ESCAPES[unit]);
}
