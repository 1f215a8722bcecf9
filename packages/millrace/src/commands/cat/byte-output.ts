import type { Writable } from 'node:stream';

/** Gathers output to large writes. A reader that has gone (`| head`) closes it quietly. */
export class ByteOutput {
  readonly stream: Writable & { readonly isTTY?: boolean };
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #closed = false;

  constructor(stream: Writable & { readonly isTTY?: boolean }) {
    this.stream = stream;
    stream.on('error', () => {
      this.#closed = true;
    });
  }

  /** Nobody reads any more. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** It is time to {@link flush}. */
  get isFull(): boolean {
    return this.#bytes >= BUFFER_BYTES;
  }

  /** Adds bytes and a line end. The bytes must not change before the next flush. */
  line(bytes: Uint8Array): void {
    this.#add(bytes);
    this.#add(LINE_END);
  }

  /** Adds a line of text. */
  text(line: string): void {
    this.#add(Buffer.from(`${line}\n`));
  }

  async flush(): Promise<void> {
    if (this.#bytes === 0 || this.#closed) return;
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    await new Promise<void>((resolve) => {
      this.stream.write(bytes, (error) => {
        if (error) this.#closed = true;
        resolve();
      });
    });
  }

  #add(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#bytes += bytes.byteLength;
  }
}

const LINE_END = Buffer.from('\n');
const BUFFER_BYTES = 64 * 1024;
