import { OttlRuntimeError } from '../../ottl-error.ts';

/**
 * Decodes text of a character set, by its IANA name. US-ASCII, ISO-8859-1 and UTF-16 are not what TextDecoder takes their names
 * for: there they are Windows-1252 and UTF-16LE without its mark.
 */
export function characterDecoder(name: string): (bytes: Uint8Array) => string {
  switch (name.toLowerCase()) {
    case 'us-ascii':
    case 'ascii':
      return (bytes) =>
        Buffer.from(bytes)
          .toString('latin1')
          .replace(/[\x80-\xff]/g, '\ufffd');
    case 'iso-8859-1':
    case 'latin1':
      return (bytes) => Buffer.from(bytes).toString('latin1');
  }
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(name, { ignoreBOM: true });
  } catch (cause) {
    throw new OttlRuntimeError(`there is no encoding ${name}`, { cause });
  }
  return (bytes) => decoder.decode(bytes);
}
