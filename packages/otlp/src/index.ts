export { WireError, MAX_DEPTH } from './wire.ts';
export { WireReader } from './wire-reader.ts';
export { ByteWriter } from './byte-writer.ts';
export type { Allocate } from './byte-writer.ts';
