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
    let end = this.text.indexOf(this.delimiter, start);
    const line = this.text.indexOf('\n', start);
    if (end < 0) end = this.text.length;
    if (line >= 0 && line < end) end = line;
    const field = this.text.slice(start, end);
    if (!this.isLazy && field.includes('"')) this.fail(start + field.indexOf('"'), 'a quote in a field without quotes');
    this.at = end;
    return field;
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
