export type XmlKind = 'document' | 'element' | 'attribute' | 'text' | 'cdata' | 'comment' | 'instruction' | 'doctype';

/** A node of a document. Trees are made for one evaluation, and may be changed. */
export class XmlNode {
  readonly kind: XmlKind;
  /** As it is written, with prefix: of elements, attributes and instructions. */
  readonly name: string;
  /** The text of texts, comments and attributes; what stands in instructions and doctypes. */
  readonly value: string;
  parent: XmlNode | null = null;
  attributes: XmlNode[] = [];
  children: XmlNode[] = [];
  /** The place in the document; grows with it. */
  order = 0;

  constructor(kind: XmlKind, name: string, value: string) {
    this.kind = kind;
    this.name = name;
    this.value = value;
  }

  get localName(): string {
    return this.name.slice(this.name.indexOf(':') + 1);
  }

  append(child: XmlNode): void {
    child.parent = this;
    this.children.push(child);
  }

  /** A copy, with everything inside. */
  clone(): XmlNode {
    const copy = new XmlNode(this.kind, this.name, this.value);
    copy.attributes = this.attributes.map((attribute) => adopted(attribute.clone(), copy));
    copy.children = this.children.map((child) => adopted(child.clone(), copy));
    return copy;
  }

  /** The text inside, without comments. */
  text(): string {
    if (this.kind !== 'element' && this.kind !== 'document') return this.value;
    let out = '';
    for (const { kind, value } of this.descendants()) if (kind === 'text' || kind === 'cdata') out += value;
    return out;
  }

  /** Everything inside, in the order of the document. */
  *descendants(): Generator<XmlNode> {
    const open: XmlNode[] = this.children.toReversed();
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      yield node;
      for (let i = node.children.length - 1; i >= 0; i--) open.push(node.children[i]);
    }
  }
}

function adopted(node: XmlNode, parent: XmlNode): XmlNode {
  node.parent = parent;
  return node;
}
