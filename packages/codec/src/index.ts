/**
 * Bytes to bytes: bounded compression, and age v1 encryption; whole bodies and streams. Imports nothing else of Millrace.
 */
export {
  COMPRESSION_CODECS,
  CONCATENABLE_CODECS,
  isCompressionCodec,
  levelProblem,
  type CompressionCodec,
  type ConcatenableCodec,
} from './compression-codec.ts';
export { CodecError, type CodecErrorCode } from './codec-error.ts';
export { compress, compressBriefly, type CompressSettings } from './compress.ts';
export { decompress, type DecompressSettings } from './decompress.ts';
export { FRAMES_MAX } from './decompress-limits.ts';
export { decompressStream, type StreamingCodec } from './decompress-stream.ts';
export { FrameWriter, type FrameWriterState } from './frame-writer.ts';
export {
  PADDING_BYTES_MAX,
  PADDING_BYTES_MIN,
  chunkPadding,
  paddingFrame,
  type PaddableCodec,
} from './frame-padding.ts';
export { DETECTION_BYTES, detectCompression, isAge, type DetectableCodec } from './detect.ts';
export {
  LAYER_EXTENSIONS,
  fileNameOfLayers,
  layersOfFileName,
  type FileLayer,
  type FileLayers,
} from './file-layers.ts';
export { unsealStream } from './unseal-stream.ts';
export type { ByteSource } from './byte-reader.ts';
export type { OwnedBytes } from './owned-bytes.ts';
export { crc32c } from './crc32c.ts';
export { Xxh32, xxh32 } from './xxh32.ts';

export { AgeError, type AgeErrorCode } from './age/age-error.ts';
export {
  formatIdentity,
  formatRecipient,
  generateIdentity,
  parseIdentity,
  parseRecipient,
  recipientOf,
  type AgeIdentity,
  type AgeRecipient,
} from './age/age-keys.ts';
export { formatIdentityFile, parseIdentityFile, parseRecipientFile } from './age/key-file.ts';
export { AGE_CHUNK_BYTES, AGE_TAG_BYTES, sealChunks, type AgeChunkPosition } from './age/age-chunks.ts';
export { AgeEncryptor, continueAgeFile, startAgeFile, type AgeFileState } from './age/age-encryptor.ts';
export { AgeDecryptor } from './age/age-decryptor.ts';
export { decryptStream } from './age/decrypt-stream.ts';

export { JweError, type JweErrorCode } from './jwe/jwe-error.ts';
export { JWE_ALGORITHMS, type JweAlgorithm } from './jwe/jwe-header.ts';
export { JweKey } from './jwe/jwe-key.ts';
export { PSEUDONYM_BYTES_MAX, PSEUDONYM_BYTES_MIN, PseudonymKey } from './jwe/pseudonym-key.ts';
export { KEY_ALGORITHMS, type KeyAlgorithm } from './jwe/parse-jwe-key.ts';
export { openKey, type KeySource } from './jwe/open-key.ts';
export { CONTENT_KEY_USES_MAX, JweEncryptor, type JweEncryptorOptions } from './jwe/jwe-encryptor.ts';
export { JweDecryptor, type JweContent } from './jwe/jwe-decryptor.ts';
export { JweRecognizer } from './jwe/jwe-recognizer.ts';
