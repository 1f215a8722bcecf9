import { orderStrings } from '../../value/compare-values.ts';
import { Id } from '../../value/id.ts';
import { Duration, Time } from '../../value/time.ts';
import { isList, isMap, Part, typeName, type Value } from '../../value/value.ts';
import { formatFloat, formatInt, pad } from './go-numbers.ts';
import { quote, quoteCharacter } from './go-quote.ts';
import { goDuration, goTime } from './go-times.ts';

/** A verb of a format, with its flags. */
export interface Verb {
  /** '' when the format ends before it. */
  readonly letter: string;
  readonly plus: boolean;
  readonly minus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/** A value as Go's fmt writes it. */
export function writeValue(verb: Verb, value: Value): string {
  if (verb.letter === 'T') return pad(verb, goTypeName(value));
  switch (typeof value) {
    case 'string':
      return writeString(verb, value);
    case 'bigint':
      return writeInt(verb, value);
    case 'number':
      return 'eEfFgGv'.includes(verb.letter) ? formatFloat(verb, value) : wrong(verb, value);
    case 'boolean':
      return verb.letter === 't' || verb.letter === 'v' ? pad(verb, String(value)) : wrong(verb, value);
    default:
      return writeObject(verb, value);
  }
}

function writeObject(verb: Verb, value: Exclude<Value, string | bigint | number | boolean>): string {
  if (value === null) return verb.letter === 'v' ? pad(verb, '<nil>') : `%!${verb.letter}(<nil>)`;
  if (isList(value)) return `[${value.map((each) => writeValue(verb, each)).join(' ')}]`;
  if (isMap(value)) {
    const entries = [...value].sort(([a], [b]) => orderStrings(a, b));
    return `map[${entries.map(([key, each]) => `${writeValue(verb, key)}:${writeValue(verb, each)}`).join(' ')}]`;
  }
  if (value instanceof Uint8Array) return writeBytes(verb, value);
  if (value instanceof Id) return writeString(verb, value.hex);
  const isText = 'vsqxX'.includes(verb.letter);
  if (value instanceof Duration)
    return isText && verb.letter !== 'x' ? writeString(verb, goDuration(value.nanos)) : writeInt(verb, value.nanos);
  if (value instanceof Time && isText) return writeString(verb, goTime(value));
  return wrong(verb, value);
}

function writeString(verb: Verb, text: string): string {
  const { letter, precision } = verb;
  if (letter === 'x' || letter === 'X') return writeHex(verb, Buffer.from(text));
  const cut =
    precision === undefined || precision >= text.length ? text : Array.from(text).slice(0, precision).join('');
  if (letter === 's' || letter === 'v') return pad(verb, verb.sharp && letter === 'v' ? quote(cut, false) : cut);
  return letter === 'q' ? pad(verb, quote(cut, verb.sharp)) : wrong(verb, text);
}

function writeBytes(verb: Verb, bytes: Uint8Array): string {
  if (verb.letter === 'x' || verb.letter === 'X') return writeHex(verb, bytes);
  if (verb.letter === 's' || verb.letter === 'q') return writeString(verb, Buffer.from(bytes).toString());
  if (verb.letter !== 'v' && verb.letter !== 'd') return wrong(verb, bytes);
  return `[${Array.from(bytes, (byte) => formatInt(verb, BigInt(byte), 'd')).join(' ')}]`;
}

function writeHex(verb: Verb, bytes: Uint8Array): string {
  const prefix = verb.sharp ? '0x' : '';
  const digits = Buffer.from(verb.precision === undefined ? bytes : bytes.subarray(0, verb.precision)).toString('hex');
  const hex = verb.space ? digits.replaceAll(/..(?=.)/g, `$& ${prefix}`) : digits;
  const text = digits === '' ? '' : prefix + hex;
  return pad(verb, verb.letter === 'X' ? text.toUpperCase() : text);
}

function writeInt(verb: Verb, value: bigint): string {
  switch (verb.letter) {
    case 'v':
      return formatInt(verb, value, 'd');
    case 'd':
    case 'b':
    case 'o':
    case 'O':
    case 'x':
    case 'X':
      return formatInt(verb, value, verb.letter);
    case 'c':
      return pad(verb, characterOf(value));
    case 'q':
      return pad(verb, quoteCharacter(characterOf(value)));
    case 'U':
      return pad(verb, unicode(value) + (verb.sharp ? ` '${characterOf(value)}'` : ''));
    default:
      return wrong(verb, value);
  }
}

function unicode(value: bigint): string {
  return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
}

function characterOf(value: bigint): string {
  const isValid = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value < 0xe000n);
  return isValid ? String.fromCodePoint(Number(value)) : '\ufffd';
}

/** What Go writes for a value that a verb does not take. */
function wrong(verb: Verb, value: Value): string {
  const shown = value instanceof Part ? value.type : writeValue({ ...verb, letter: 'v' }, value);
  return `%!${verb.letter}(${goTypeName(value)}=${shown})`;
}

export function goTypeName(value: Value): string {
  if (value === null) return '<nil>';
  return value instanceof Uint8Array ? '[]uint8' : typeName(value);
}
