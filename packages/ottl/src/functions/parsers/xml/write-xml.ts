import type { XmlNode } from './xml-node.ts';

/** What is inside of a node as XML. Text keeps its white space. */
export function writeInside(node: XmlNode): string {
  return node.children.map(write).join('');
}

function write(node: XmlNode): string {
  switch (node.kind) {
    case 'text':
      return escapeText(node.value);
    case 'cdata':
      return `<![CDATA[${node.value}]]>`;
    case 'comment':
      return `<!--${node.value}-->`;
    case 'doctype':
      return `<!${node.value}>`;
    case 'instruction':
      return `<?${node.name}${node.value === '' ? '' : ` ${node.value}`}?>`;
    default: {
      const attributes = node.attributes.map(({ name, value }) => ` ${name}="${escapeText(value)}"`).join('');
      return `<${node.name}${attributes}>${writeInside(node)}</${node.name}>`;
    }
  }
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
