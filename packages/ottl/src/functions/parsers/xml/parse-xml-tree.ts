import { OttlRuntimeError } from '../../../ottl-error.ts';
import { XmlNode } from './xml-node.ts';

/** Deepest nesting of elements. */
const NESTING_MAX = 1000;

const NAME = /[\p{L}_:][\p{L}\p{N}\p{M}_:.\u00b7-]*/uy;
const SPACES = /[ \t\r\n]*/y;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };

/**
 * Reads XML as strictly as Go's decoder: elements nest, attributes are quoted, and only the predefined entities exist: none is
 * ever defined or loaded. Beside one root there may be several, but not none.
 */
export function parseXmlTree(text: string): XmlNode {
  return new TreeReader(text).readAll();
}

/** Like `parseXmlTree`, for the first root element; with where it ends. Undefined where there is none. */
export function parseXmlRoot(text: string): { readonly root: XmlNode; readonly end: number } | undefined {
  return new TreeReader(text).readRoot();
}

class TreeReader {
  private at = 0;
  private order = 0;
  private depth = 0;
  private readonly document = new XmlNode('document', '', '');
  private current = this.document;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  readAll(): XmlNode {
    while (this.at < this.text.length) this.readNext();
    if (this.depth > 0) this.fail(`<${this.current.name}> is not closed`);
    if (!this.document.children.some(({ kind }) => kind === 'element')) this.fail('there is no element');
    return this.document;
  }

  readRoot(): { readonly root: XmlNode; readonly end: number } | undefined {
    for (;;) {
      const root = this.document.children.at(-1);
      if (root?.kind === 'element' && this.depth === 0) return { root, end: this.at };
      if (this.at >= this.text.length) {
        if (this.depth > 0) this.fail(`<${this.current.name}> is not closed`);
        return undefined;
      }
      this.readNext();
    }
  }

  private readNext(): void {
    const { text, at } = this;
    if (text[at] !== '<') this.readText();
    else if (text.startsWith('</', at)) this.readEnd();
    else if (text.startsWith('<!--', at)) this.readComment();
    else if (text.startsWith('<![CDATA[', at)) this.add('cdata', '', this.until(9, ']]>', 'a CDATA section'));
    else if (text.startsWith('<?', at)) this.readInstruction();
    else if (text.startsWith('<!', at)) this.readDoctype();
    else this.readStart();
  }

  private readText(): void {
    const start = this.at;
    const end = this.text.indexOf('<', start);
    this.at = end < 0 ? this.text.length : end;
    const raw = this.text.slice(start, this.at);
    if (raw.includes(']]>')) this.fail(']]> stands outside of a CDATA section');
    this.add('text', '', this.decode(raw));
  }

  private readStart(): void {
    if (this.depth >= NESTING_MAX) this.fail(`elements are nested deeper than ${NESTING_MAX}`);
    this.at++;
    const element = this.add('element', this.name('an element'), '');
    for (;;) {
      this.skipSpaces();
      if (this.take('/>')) return;
      if (this.take('>')) break;
      const attribute = new XmlNode('attribute', this.name('an attribute'), this.attributeValue());
      attribute.parent = element;
      attribute.order = this.order++;
      element.attributes.push(attribute);
    }
    this.current = element;
    this.depth++;
  }

  private attributeValue(): string {
    this.skipSpaces();
    if (!this.take('=')) this.fail('an attribute has no value');
    this.skipSpaces();
    const quote = this.text[this.at];
    if (quote !== '"' && quote !== "'") this.fail('the value of an attribute is not quoted');
    const raw = this.until(1, quote, 'the value of an attribute');
    if (raw.includes('<')) this.fail('< stands in the value of an attribute');
    return this.decode(raw);
  }

  private readEnd(): void {
    this.at += 2;
    const name = this.name('a closing tag');
    this.skipSpaces();
    if (!this.take('>')) this.fail(`</${name} is not closed`);
    if (this.depth === 0 || this.current.name !== name) this.fail(`</${name}> closes nothing`);
    this.current = this.current.parent!;
    this.depth--;
  }

  private readComment(): void {
    const comment = this.until(4, '-->', 'a comment');
    if (comment.includes('--')) this.fail('-- stands in a comment');
    this.add('comment', '', comment);
  }

  private readInstruction(): void {
    this.at += 2;
    const name = this.name('an instruction');
    this.add('instruction', name, this.until(0, '?>', 'an instruction').trim());
  }

  private readDoctype(): void {
    const start = this.at + 2;
    let open = 0;
    let quote = '';
    for (let at = start; at < this.text.length; at++) {
      const unit = this.text[at];
      if (quote !== '') quote = unit === quote ? '' : quote;
      else if (unit === '"' || unit === "'") quote = unit;
      else if (unit === '<') open++;
      else if (unit === '>' && open-- === 0) {
        this.at = at + 1;
        this.add('doctype', '', this.text.slice(start, at));
        return;
      }
    }
    this.fail('a declaration is not closed');
  }

  private add(kind: XmlNode['kind'], name: string, value: string): XmlNode {
    const node = new XmlNode(kind, name, value);
    node.order = this.order++;
    this.current.append(node);
    return node;
  }

  private name(what: string): string {
    NAME.lastIndex = this.at;
    const name = NAME.exec(this.text)?.[0];
    if (name === undefined) return this.fail(`${what} has no name`);
    this.at += name.length;
    return name;
  }

  private skipSpaces(): void {
    SPACES.lastIndex = this.at;
    SPACES.exec(this.text);
    this.at = SPACES.lastIndex;
  }

  private take(expected: string): boolean {
    if (!this.text.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }

  /** What stands from `skipped` units behind here up to `end`; goes on behind that. */
  private until(skipped: number, end: string, what: string): string {
    const start = this.at + skipped;
    const found = this.text.indexOf(end, start);
    if (found < 0) return this.fail(`${what} is not closed`);
    this.at = found + end.length;
    return this.text.slice(start, found);
  }

  private decode(raw: string): string {
    const text = raw.includes('\r') ? raw.replaceAll(/\r\n?/g, '\n') : raw;
    if (!text.includes('&')) return text;
    return text.replaceAll(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|\w{1,10})?;?/g, (entity, name?: string) => {
      const decoded = name !== undefined && entity.endsWith(';') ? entityOf(name) : undefined;
      return decoded ?? this.fail(`there is no entity ${entity}`);
    });
  }

  private fail(what: string): never {
    throw new OttlRuntimeError(`invalid XML at character ${this.at + 1}: ${what}`);
  }
}

function entityOf(name: string): string | undefined {
  if (!name.startsWith('#')) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  const isCharacter =
    code === 9 || code === 10 || code === 13 || (code >= 0x20 && code < 0xd800) || (code >= 0xe000 && code <= 0x10ffff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
