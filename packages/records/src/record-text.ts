import type { TelemetryRecord } from './telemetry-record.ts';
import { doubleText, isList, isMap, quote, type Value, type ValueMap } from './value.ts';

/** Lines that are longer than this are broken. */
const COLUMNS = 110;

/** A record in the short form, as an element of a YAML list: what it prints can be read back. */
export function recordText(record: TelemetryRecord, indent = ''): string {
  return itemText(record.fields, indent);
}

function itemText(fields: ValueMap, indent: string): string {
  const short = flow(fields);
  if (isShort(indent, `- ${short}`)) return `${indent}- ${short}\n`;
  return `${indent}- ${block(fields, `${indent}  `).slice(indent.length + 2)}`;
}

function block(fields: ValueMap, indent: string): string {
  return [...fields].map(([key, value]) => entryText(key, value, indent)).join('');
}

function entryText(key: string, value: Value, indent: string): string {
  const name = `${indent}${word(key)}:`;
  const short = flow(value);
  if (isShort(name, short)) return `${name} ${short}\n`;
  if (isMap(value) && value.size > 0) return `${name}\n${block(value, `${indent}  `)}`;
  if (isList(value) && value.length > 0) {
    const items = value.map((item) => (isMap(item) ? itemText(item, `${indent}  `) : `${indent}  - ${flow(item)}\n`));
    return `${name}\n${items.join('')}`;
  }
  return `${name} ${short}\n`;
}

function isShort(before: string, text: string): boolean {
  return before.length + text.length < COLUMNS;
}

function flow(value: Value): string {
  if (typeof value === 'string') return word(value);
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof Uint8Array) return `!!binary ${quote(Buffer.from(value).toString('base64'))}`;
  if (isList(value)) return `[${value.map(flow).join(', ')}]`;
  if (isMap(value)) return value.size === 0 ? '{}' : `{ ${[...value].map(pair).join(', ')} }`;
  return String(value);
}

function pair([key, value]: readonly [string, Value]): string {
  return `${word(key)}: ${flow(value)}`;
}

/** Text as it is where YAML takes it for text in any place, else in quotes. */
function word(text: string): string {
  const isPlain = /^[A-Za-z_/][\w ./<>=+()%@;{}$~^*!?'"-]*$/.test(text) && !/[{}"']| $/.test(text);
  return isPlain && !RESERVED.test(text) ? text : quote(text);
}

/** What YAML 1.1, as the Collector reads it, takes for something else than text. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;
