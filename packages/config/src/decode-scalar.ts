import type { SchemaData } from '@millrace/api';
import { parseByteSize } from './byte-size.ts';
import { parseComponentId } from './component-id.ts';
import { FAILED, type Place } from './decoded.ts';
import type { DecodeContext } from './decode-context.ts';
import { describeKind, describeNode } from './describe.ts';
import { parseDuration } from './duration.ts';
import type { ConfigNode } from './node.ts';
import { hideInSource, isSecret } from './redact.ts';

/** What is wrong with a value, and what to do. */
interface Fault {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** Decodes a value whose schema is a string, a number or a boolean, or one of our types on top of them. */
export function decodeScalar(schema: SchemaData, node: ConfigNode, place: Place, context: DecodeContext): unknown {
  const secret = isSecret(schema, String(place.path.at(-1)));
  if (secret) hide(node, context);
  const result = convert(schema, node, secret);
  if (typeof result === 'object') {
    const { code, message, remedy } = result;
    context.problems.error({ code, origin: node.origin, path: place.path, message, remedy });
    return FAILED;
  }
  if (schema['x-type'] === 'duration' && place.byDefault !== true) warnNanoseconds(node, place, context);
  if (schema['x-type'] === 'component-id' && !(schema['x-kind'] === 'dead_letter' && isNoComponent(String(result)))) {
    context.references.push({
      kind: schema['x-kind'] ?? '',
      id: String(result),
      origin: node.origin,
      path: place.path,
    });
  }
  return result;
}

function convert(schema: SchemaData, node: ConfigNode, secret: boolean): string | number | boolean | Fault {
  switch (schema['x-type']) {
    case 'duration':
      return toDuration(node, schema);
    case 'bytes':
      return toBytes(node);
    case 'component-id':
      if (schema['x-kind'] === 'dead_letter' && isNoComponent(node.text)) return node.text;
      return toComponentId(node);
    default:
  }
  switch (schema.type) {
    case 'string':
      return toText(node) ?? wrongType('text', node, secret, 'write the text after the colon');
    case 'boolean':
      return toBoolean(node);
    case 'integer':
      return toNumber(node, true);
    default:
      return toNumber(node, false);
  }
}

/** Strings are what was written, whatever else YAML would make of it. */
function toText(node: ConfigNode): string | undefined {
  return node.text;
}

function toBoolean(node: ConfigNode): boolean | Fault {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
  const word = node.kind === 'scalar' ? node.text.toLowerCase() : '';
  const meant = ['yes', 'on', 'true', 'y', '1'].includes(word)
    ? 'true'
    : ['no', 'off', 'false', 'n', '0'].includes(word)
      ? 'false'
      : undefined;
  return wrongType(
    'true or false',
    node,
    false,
    meant === undefined ? 'write true or false' : `write ${meant}, without quotes`,
  );
}

function toNumber(node: ConfigNode, whole: boolean): number | Fault {
  const expected = whole ? 'a whole number' : 'a number';
  const value = node.kind === 'scalar' ? node.value : undefined;
  if (typeof value === 'number' && (!whole || Number.isSafeInteger(value))) return value;
  if (typeof value === 'bigint' && !whole) return Number(value);
  if (typeof value === 'bigint') return wrongType('a whole number below 2^53', node, false, 'write a smaller number');
  if (typeof value === 'number') return wrongType(expected, node, false, 'leave the fraction out');
  const isQuoted = typeof value === 'string' && /^[-+]?[0-9.]+$/.test(value);
  return wrongType(expected, node, false, isQuoted ? 'write it without quotes' : 'write digits only');
}

function toDuration(node: ConfigNode, schema: SchemaData): number | Fault {
  const text = node.kind === 'scalar' ? node.text : undefined;
  const nanoseconds = bareNumber(node);
  const milliseconds =
    nanoseconds !== undefined ? Math.trunc(nanoseconds) / 1e6 : text === undefined ? undefined : parseDuration(text);
  if (text === undefined || milliseconds === undefined) {
    if (text !== undefined && /^[0-9]+$/.test(text))
      return {
        code: 'DURATION_UNIT',
        message: `the duration ${text} has no unit`,
        remedy: `write ${text}s, or ${text}ms, ${text}m, ${text}h`,
      };
    return wrongType('a duration', node, false, 'write it as 300ms, 1.5s or 1h30m');
  }
  if (milliseconds < 0 && schema.minimum === undefined) {
    return { code: 'DURATION_NEGATIVE', message: `the duration ${text} is negative`, remedy: 'write 0 or more' };
  }
  return milliseconds;
}

/** A number without quotes: the Collector takes it for nanoseconds, while a text needs its unit. */
function bareNumber(node: ConfigNode): number | undefined {
  const value = node.kind === 'scalar' ? node.value : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function warnNanoseconds(node: ConfigNode, { path }: Place, { problems }: DecodeContext): void {
  const nanoseconds = bareNumber(node);
  if (nanoseconds === undefined || nanoseconds === 0) return;
  const text = node.text ?? '';
  const message = `the duration ${text} has no unit: it means ${text} nanoseconds, as in the Collector`;
  const remedy = `write ${text}s, ${text}ms or ${text}m where one of these is meant, else ${text}ns`;
  problems.warn({ code: 'DURATION_UNIT', origin: node.origin, path, message, remedy });
}

function toBytes(node: ConfigNode): number | Fault {
  const bytes = node.kind === 'scalar' ? parseByteSize(node.text) : undefined;
  return bytes ?? wrongType('a number of bytes', node, false, 'write it as 4096, 512KiB or 64MiB');
}

/** A dead letter is a directory, by its path, or `none`; else an exporter. */
function isNoComponent(text: string | undefined): text is string {
  return text !== undefined && (text === 'none' || /^\.{0,2}\//.test(text));
}

function toComponentId(node: ConfigNode): string | Fault {
  const text = node.kind === 'scalar' ? node.text : undefined;
  if (text === undefined) return wrongType('the id of a component', node, false, 'write type or type/name');
  const parsed = parseComponentId(text);
  if ('fault' in parsed) return { code: 'MALFORMED_ID', message: parsed.fault, remedy: 'write type or type/name' };
  return parsed.id;
}

function wrongType(expected: string, node: ConfigNode, secret: boolean, remedy: string): Fault {
  return {
    code: 'WRONG_TYPE',
    message: `must be ${expected}, got ${secret ? describeKind(node) : describeNode(node)}`,
    remedy,
  };
}

function hide(node: ConfigNode, context: DecodeContext): void {
  if (node.text !== undefined && node.text !== '') context.secrets.add(node.text);
  if (node.kind === 'scalar') hideInSource(node);
}
