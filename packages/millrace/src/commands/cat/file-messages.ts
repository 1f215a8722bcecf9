import { decompress, detectCompression, unsealStream, type AgeIdentity, type ByteSource } from '@millrace/codec';
import { jsonToProto, protoToJson, type Signal } from '@millrace/otlp';
import { ByteWindow } from './byte-window.ts';
import { signalOfJson, signalOfProto } from './signal-of-message.ts';

/** One export request of a file, in the form that is wanted. */
export interface FileMessage {
  readonly signal: Signal;
  /** OTLP/JSON, without a line end. */
  json(): Uint8Array;
  /** OTLP protobuf. */
  proto(): Uint8Array;
}

/**
 * The requests in a file of JSON lines, or of messages with their lengths, whatever is around them. Also the messages that the
 * Collector compresses one by one. Empty lines and requests, which serve as padding, are passed over.
 *
 * @throws everything that precedes damage is yielded before its error. {@link ContentError} with the position in the content
 */
export async function* fileMessages(
  source: ByteSource,
  { identities }: { identities: readonly AgeIdentity[] },
): AsyncGenerator<FileMessage, void, undefined> {
  const content = new ByteWindow();
  let read: (() => Generator<FileMessage>) | undefined;
  for await (const bytes of unsealStream(source, { identities })) {
    content.push(bytes);
    read ??= content.length === 0 ? undefined : readerFor(content);
    if (read !== undefined) yield* read();
  }
  if (content.length === 0) return;
  const last = content.take(content.length);
  const at = content.offset - last.byteLength;
  const message = isText(last) ? lastLine(last) : undefined;
  if (message === undefined) {
    throw new ContentError(`ends within a ${isText(last) ? 'line' : 'message'} that begins at byte ${at}`, at);
  }
  yield message;
}

/** The content is not what the exporter writes; what is around it is intact. */
export class ContentError extends Error {
  override readonly name = 'ContentError';
  /** Bytes from the start of what was decompressed and decrypted. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

function readerFor(content: ByteWindow): () => Generator<FileMessage> {
  const [first] = content.peek(1);
  if (isText(content.peek(1))) return () => lines(content);
  // A length prefix that begins with a letter would announce more than is allowed.
  if (first >= SPACE && first < DELETE) {
    throw new ContentError('is no telemetry file: the file exporter writes OTLP as JSON lines or as protobuf', 0);
  }
  return () => prefixed(content);
}

function* lines(content: ByteWindow): Generator<FileMessage> {
  while (true) {
    const end = content.indexOf(LINE_FEED);
    if (end < 0) {
      assertLength(content.length, content.offset);
      return;
    }
    const at = content.offset;
    const line = content.take(end + 1).subarray(0, end);
    if (line.byteLength === 0 || isEmptyObject(line)) continue;
    yield jsonMessage(line, at);
  }
}

function* prefixed(content: ByteWindow): Generator<FileMessage> {
  while (content.length >= PREFIX_BYTES) {
    const prefix = content.peek(PREFIX_BYTES);
    const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(0);
    assertLength(length, content.offset);
    if (content.length < PREFIX_BYTES + length) return;
    const at = content.offset;
    const bytes = content.take(PREFIX_BYTES + length).subarray(PREFIX_BYTES);
    const message = isZstd(bytes) ? decompress(bytes, { codec: 'zstd', maxBytes: MESSAGE_BYTES_MAX }) : bytes;
    if (message[0] === OPENING_BRACE) {
      yield jsonMessage(message, at);
      continue;
    }
    const signal = signalOfProto(message, at);
    if (signal !== undefined) yield { signal, json: () => protoToJson(signal, message), proto: () => message };
  }
}

function jsonMessage(line: Uint8Array, at: number): FileMessage {
  const signal = signalOfJson(line);
  if (signal === undefined) throw new ContentError(`holds something that is not OTLP, at byte ${at}`, at);
  return { signal, json: () => line, proto: () => jsonToProto(signal, line) };
}

/** A last line may lack its line end, if it is whole without. */
function lastLine(line: Uint8Array): FileMessage | undefined {
  try {
    const message = jsonMessage(line, 0);
    message.proto();
    return message;
  } catch {
    return undefined;
  }
}

function assertLength(length: number, at: number): void {
  if (length <= MESSAGE_BYTES_MAX) return;
  throw new ContentError(`holds a message of more than ${MESSAGE_BYTES_MAX} bytes, the limit, at byte ${at}`, at);
}

/** Is this the beginning of lines? A length prefix that begins like one would announce more than is allowed. */
function isText(bytes: Uint8Array): boolean {
  return bytes[0] === OPENING_BRACE || bytes[0] === LINE_FEED;
}

function isEmptyObject(line: Uint8Array): boolean {
  return line.byteLength === 2 && line[0] === OPENING_BRACE;
}

function isZstd(bytes: Uint8Array): boolean {
  return detectCompression(bytes) === 'zstd';
}

const PREFIX_BYTES = 4;
const LINE_FEED = 0x0a;
const OPENING_BRACE = 0x7b;
const SPACE = 0x20;
const DELETE = 0x7f;
const MESSAGE_BYTES_MAX = 256 * 1024 * 1024;
