import { OttlRuntimeError } from '../../ottl-error.ts';

/** The forms of base64, by the names that functions take. */
interface Base64Variant {
  readonly encoding: 'base64' | 'base64url';
  readonly isPadded: boolean;
}

const VARIANTS: ReadonlyMap<string, Base64Variant> = new Map([
  ['base64', { encoding: 'base64', isPadded: true }],
  ['base64-raw', { encoding: 'base64', isPadded: false }],
  ['base64-url', { encoding: 'base64url', isPadded: true }],
  ['base64-raw-url', { encoding: 'base64url', isPadded: false }],
]);

/** Encodes in one of the forms; undefined when there is no form of this name. */
export function base64Encoder(name: string): ((bytes: Uint8Array) => string) | undefined {
  const variant = VARIANTS.get(name);
  if (variant === undefined) return undefined;
  return (bytes) => {
    const text = Buffer.from(bytes).toString(variant.encoding).replace(/=+$/, '');
    return variant.isPadded ? text + '='.repeat(-text.length & 3) : text;
  };
}

/** Decodes one of the forms, as strictly as Go: line breaks are skipped, nothing else. Undefined when there is no such form. */
export function base64Decoder(name: string): ((text: string) => Buffer) | undefined {
  const variant = VARIANTS.get(name);
  if (variant === undefined) return undefined;
  const digit = variant.encoding === 'base64' ? '[A-Za-z0-9+/]' : '[A-Za-z0-9_-]';
  const tail = variant.isPadded ? `(?:${digit}{2}==|${digit}{3}=)?` : `(?:${digit}{2,3})?`;
  const whole = new RegExp(`^(?:${digit}{4})*${tail}$`);
  return (text) => {
    const digits = text.replace(/[\r\n]/g, '');
    if (!whole.test(digits)) throw new OttlRuntimeError(`${JSON.stringify(text.slice(0, 60))} is no ${name}`);
    return Buffer.from(digits, 'base64');
  };
}
