import { OttlRuntimeError } from '../../ottl-error.ts';

export type CsvMode = 'strict' | 'lazyQuotes' | 'ignoreQuotes';

/**
 * The fields of one CSV record (RFC 4180), in which line breaks do not end it: what stands behind one belongs to the field
 * before it. Empty lines are left out, as by Go's reader. Lazy quotes may stand anywhere.
 */
export function parseCsvRow(text: string, delimiter: string, mode: CsvMode): string[] {
  if (mode === 'ignoreQuotes') return text.split(delimiter);
  const reader = new RowReader(text.replaceAll('\r\n', '\n'), delimiter, mode === 'lazyQuotes');
  return reader.read();
}

class RowReader {
  private at = 0;
  private nextDelimiter = -1;
  private nextLine = -1;
  private readonly fields: string[] = [];
  private readonly text: string;
  private readonly delimiter: string;
  private readonly isLazy: boolean;

  constructor(text: string, delimiter: string, isLazy: boolean) {
    this.text = text;
    this.delimiter = delimiter;
    this.isLazy = isLazy;
  }

  read(): string[] {
    // A field that goes on behind a line break.
    let isContinued = false;
    for (;;) {
      if (this.atLineStart()) while (this.text[this.at] === '\n') this.at++;
      if (this.atLineStart() && this.at >= this.text.length) break;
      const field = this.text[this.at] === '"' ? this.quoted() : this.plain();
      if (isContinued) this.fields.push(`${this.fields.pop()!}\n${field}`);
      else this.fields.push(field);
      isContinued = this.text[this.at] === '\n';
      if (this.at >= this.text.length) break;
      this.at += isContinued ? 1 : this.delimiter.length;
    }
    if (this.fields.length === 0) throw new OttlRuntimeError('there is no CSV row in the target');
    return this.fields;
  }

  private atLineStart(): boolean {
    return this.at === 0 || this.text[this.at - 1] === '\n';
  }

  private plain(): string {
    const start = this.at;
    // Searched again only when passed: or else long rows without the one or the other took quadratic time.
    if (this.nextDelimiter < start) this.nextDelimiter = this.find(this.delimiter, start);
    if (this.nextLine < start) this.nextLine = this.find('\n', start);
    const end = Math.min(this.nextDelimiter, this.nextLine);
    const field = this.text.slice(start, end);
    if (!this.isLazy && field.includes('"')) this.fail(start + field.indexOf('"'), 'a quote in a field without quotes');
    this.at = end;
    return field;
  }

  private find(wanted: string, from: number): number {
    const at = this.text.indexOf(wanted, from);
    return at < 0 ? this.text.length : at;
  }

  private quoted(): string {
    const start = this.at++;
    let field = '';
    for (;;) {
      const end = this.text.indexOf('"', this.at);
      if (end < 0) {
        if (!this.isLazy) this.fail(start, 'a quote that is not closed');
        field += this.text.slice(this.at);
        this.at = this.text.length;
        return field;
      }
      field += this.text.slice(this.at, end);
      this.at = end + 1;
      if (this.text[this.at] === '"') {
        field += '"';
        this.at++;
      } else if (this.endsField()) return field;
      else if (this.isLazy) field += '"';
      else this.fail(end, 'a quote inside of a field with quotes');
    }
  }

  private endsField(): boolean {
    return this.at >= this.text.length || this.text[this.at] === '\n' || this.text.startsWith(this.delimiter, this.at);
  }

  private fail(at: number, what: string): never {
    throw new OttlRuntimeError(`invalid CSV at character ${at + 1}: ${what}`);
  }
}
