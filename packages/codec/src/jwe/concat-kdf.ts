import { hash } from 'node:crypto';

/**
 * The key that an ECDH secret gives for wrapping with 256 bits: one round of Concat KDF with SHA-256 (RFC 7518 section
 * 4.6.2, NIST SP 800-56A).
 */
export function concatKdf(
  secret: Uint8Array,
  info: { readonly algorithm: string; readonly apu: Uint8Array; readonly apv: Uint8Array },
): Buffer {
  const algorithm = Buffer.from(info.algorithm);
  const parts = [uint32(1), secret, uint32(algorithm.length), algorithm];
  for (const party of [info.apu, info.apv]) parts.push(uint32(party.length), party);
  return hash('sha256', Buffer.concat([...parts, uint32(256)]), 'buffer');
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
