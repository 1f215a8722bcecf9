/** Bytes before each message: whether it is compressed, and its length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const PREFIX_BYTES = 5;

/** What a {@link MessageReader} finds, in order. May throw to end the reading. */
export interface MessageSink {
  /** A prefix is complete. */
  begin(lengthBytes: number, flags: number): void;
  /** A part of the message; only valid during the call. */
  append(chunk: Uint8Array): void;
}

/** Cuts the bytes of a call into messages, wherever DATA frames begin and end. */
export class MessageReader {
  readonly #sink: MessageSink;
  readonly #prefix: Uint8Array;
  #prefixLength: number;
  /** Bytes of the present message that are still to come. */
  #missing: number;

  constructor(sink: MessageSink) {
    this.#sink = sink;
    this.#prefix = new Uint8Array(PREFIX_BYTES);
    this.#prefixLength = 0;
    this.#missing = 0;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#missing > 0) {
        const take = Math.min(this.#missing, chunk.length - at);
        this.#missing -= take;
        this.#sink.append(take === chunk.length ? chunk : chunk.subarray(at, at + take));
        at += take;
        continue;
      }
      this.#prefix[this.#prefixLength] = chunk[at];
      this.#prefixLength += 1;
      at += 1;
      if (this.#prefixLength < PREFIX_BYTES) continue;
      this.#prefixLength = 0;
      const [flags, a, b, c, d] = this.#prefix;
      this.#missing = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
      this.#sink.begin(this.#missing, flags);
    }
  }

  /** Whether the bytes so far end within a message. */
  get isInside(): boolean {
    return this.#missing > 0 || this.#prefixLength > 0;
  }
}

/** The five bytes before a message. */
export function messagePrefix(lengthBytes: number, isCompressed: boolean): Buffer {
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix[0] = isCompressed ? 1 : 0;
  prefix.writeUInt32BE(lengthBytes, 1);
  return prefix;
}

/** A whole uncompressed message with its prefix. */
export function frameMessage(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}
