import type { AttributesView } from '@millrace/otlp';
import { typedText } from './value-text.ts';

/** Text that grows by lines. */
export class TextLines {
  #text = '';

  line(text: string): void {
    this.#text += `${text}\n`;
  }

  /** A field of a span. */
  field(name: string, value: string): void {
    this.line(`    ${name.padEnd(15)}: ${value}`);
  }

  /** A heading and the attributes below it; nothing if there are none. */
  attributes(heading: string, attributes: AttributesView, indent = ''): void {
    if (attributes.size === 0) return;
    this.line(`${heading}:`);
    for (const [key, value] of attributes.entries()) {
      this.line(`${indent}     -> ${key}: ${typedText(attributes.kind(key), value)}`);
    }
  }

  toString(): string {
    return this.#text;
  }
}

/** What resources and scopes of all signals have. */
export interface ResourceLike {
  readonly schemaUrl: string;
  readonly attributes: AttributesView;
}

export interface ScopeLike extends ResourceLike {
  readonly name: string;
  readonly version: string;
}

export function writeResource(lines: TextLines, heading: string, resource: ResourceLike): void {
  lines.line(heading);
  lines.line(`Resource SchemaURL: ${resource.schemaUrl}`);
  lines.attributes('Resource attributes', resource.attributes);
}

export function writeScope(lines: TextLines, word: string, index: number, scope: ScopeLike): void {
  lines.line(`${word} #${index}`);
  lines.line(`${word} SchemaURL: ${scope.schemaUrl}`);
  lines.line(`InstrumentationScope ${scope.name} ${scope.version}`);
  lines.attributes('InstrumentationScope attributes', scope.attributes);
}
