import type { Clock } from '@millrace/api';
import {
  AGE_CHUNK_BYTES,
  AGE_TAG_BYTES,
  type AgeChunkPosition,
  type AgeRecipient,
  startAgeFile,
} from '@millrace/codec';
import { copyBlock } from '@millrace/otlp';
import type { Content } from './content.ts';
import type { OutputFile } from './output-file.ts';
import { type ContentForm, leastPadding, padding, paddingToChunk } from './padding.ts';

export interface SealSettings {
  readonly recipients: readonly AgeRecipient[];
  readonly form: ContentForm;
  readonly sync: boolean;
  /** Longest time that data is held back for lack of a whole chunk; 0: no limit. */
  readonly sealAfterMs: number;
  readonly clock: Clock;
  /** Encrypts, on a worker. */
  seal(bytes: Uint8Array, position: AgeChunkPosition): Promise<Uint8Array>;
  /** Data that was taken cannot be written at the moment; it is kept and tried again. */
  onTrouble(error: unknown): void;
}

/** Encoded bytes that wait to be sealed. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

/**
 * An age file. Its chunks of 64 KiB can be written only when they are full: what does not fill one waits in memory, until
 * more has come or padding is worth it.
 *
 * A chunk that could not be written is sealed again, with the same content as its number: what waits is only ever added to,
 * as two contents under one number would give both away. So what was taken stays, also where the sender was told that it is
 * not safe yet and sends it again.
 */
export class SealedContent implements Content {
  readonly #file: OutputFile;
  readonly #settings: SealSettings;
  readonly #payloadKey: Uint8Array;
  /** Header that is not written yet. */
  #header: Uint8Array;
  readonly #headerBytes: number;
  /** Number of the next chunk. */
  #counter = 0;
  #pieces: Piece[] = [];
  #heldBytes = 0;
  #paddedBytes = 0;
  #isFinishing = false;
  /** The last try to write failed. */
  #isBehind = false;

  constructor(file: OutputFile, settings: SealSettings) {
    const { header, state } = startAgeFile(settings.recipients);
    this.#file = file;
    this.#settings = settings;
    this.#payloadKey = state.payloadKey;
    this.#header = header;
    this.#headerBytes = header.byteLength;
  }

  get isRegular(): boolean {
    return this.#file.isRegular;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get isBehind(): boolean {
    return this.#isBehind;
  }

  get bytes(): number {
    const contentBytes = this.#counter * AGE_CHUNK_BYTES + this.#heldBytes;
    if (contentBytes === 0) return 0;
    return this.#headerBytes + contentBytes + Math.ceil(contentBytes / AGE_CHUNK_BYTES) * AGE_TAG_BYTES;
  }

  async add(payloads: readonly Uint8Array[]): Promise<void> {
    const { sync } = this.#settings;
    // Nothing more is taken while what was taken cannot be written: this bounds what is held.
    if (this.#isBehind) await this.#sealWhole();
    const atMs = this.#settings.clock.monotonic();
    for (const payload of payloads) this.#hold({ bytes: copyOf(payload), atMs });
    if (sync) {
      this.#pad(atMs);
      await this.#sealWhole();
    } else if (this.#heldBytes >= SEAL_BYTES_MIN) {
      await this.#sealWhole().catch((error: unknown) => this.#settings.onTrouble(error));
    }
  }

  async flush(): Promise<void> {
    if (this.#isFinishing) return;
    await this.#sealWhole();
    if (this.#heldBytes > 0 && this.#isPaddingDue()) {
      this.#pad(this.#pieces[0].atMs);
      await this.#sealWhole();
    }
  }

  async finish(): Promise<void> {
    if (!this.#isFinishing) {
      this.#isFinishing = true;
      const { form, clock } = this.#settings;
      // The final chunk of a file must not be empty, unless the whole file is.
      const isEmptyEnd = this.#heldBytes === 0 && this.#counter > 0;
      if (isEmptyEnd) this.#hold({ bytes: padding(form, leastPadding(form)), atMs: clock.monotonic() });
    }
    if (this.#heldBytes > 0) {
      while (this.#heldBytes > AGE_CHUNK_BYTES) await this.#sealNext();
      const rest = this.#peek(this.#heldBytes);
      await this.#write(rest, { final: true });
    } else {
      await this.#file.sync();
    }
    await this.#file.close();
  }

  abandon(): Promise<void> {
    return this.#file.close();
  }

  /** Is it time to pay with padding for what waits? Cheap if padding stays below a tenth of the file. */
  #isPaddingDue(): boolean {
    const { sealAfterMs, form, clock } = this.#settings;
    const waitedMs = clock.monotonic() - this.#pieces[0].atMs;
    if (sealAfterMs > 0 && waitedMs >= sealAfterMs) return true;
    const paddingBytes = paddingToChunk(form, this.#heldBytes).byteLength;
    const fileBytes = this.#counter * AGE_CHUNK_BYTES + this.#heldBytes + paddingBytes;
    return (this.#paddedBytes + paddingBytes) * PADDING_SHARE <= fileBytes;
  }

  #pad(atMs: number): void {
    const bytes = paddingToChunk(this.#settings.form, this.#heldBytes);
    if (bytes.byteLength === 0) return;
    this.#paddedBytes += bytes.byteLength;
    this.#hold({ bytes, atMs });
  }

  #hold(piece: Piece): void {
    if (piece.bytes.byteLength === 0) return;
    this.#pieces.push(piece);
    this.#heldBytes += piece.bytes.byteLength;
  }

  /** Writes all whole chunks. */
  async #sealWhole(): Promise<void> {
    this.#isBehind = true;
    while (this.#heldBytes >= AGE_CHUNK_BYTES) await this.#sealNext();
    this.#isBehind = false;
  }

  /** Writes as many whole chunks as one job takes; of a file that ends, not the last one. */
  async #sealNext(): Promise<void> {
    const available = this.#isFinishing ? this.#heldBytes - 1 : this.#heldBytes;
    const chunks = Math.floor(Math.min(available, SEAL_BYTES_MAX) / AGE_CHUNK_BYTES);
    await this.#write(this.#peek(chunks * AGE_CHUNK_BYTES), { final: false });
    this.#counter += chunks;
  }

  async #write(bytes: Uint8Array, { final }: { final: boolean }): Promise<void> {
    const position = { payloadKey: this.#payloadKey, counter: this.#counter, final };
    const sealed = await this.#settings.seal(bytes, position);
    await this.#file.append([this.#header, sealed], { sync: this.#settings.sync || final });
    this.#header = new Uint8Array(0);
    this.#drop(bytes.byteLength);
  }

  /** The first `count` bytes that wait, in one piece. */
  #peek(count: number): Uint8Array {
    // A piece that is long enough is not copied: what waits is never written to.
    const [first] = this.#pieces;
    if (first !== undefined && first.bytes.byteLength >= count) return first.bytes.subarray(0, count);
    const joined = uninitialised(count);
    let at = 0;
    for (const { bytes } of this.#pieces) {
      const part = bytes.subarray(0, count - at);
      copyBlock(part, joined, at);
      at += part.byteLength;
      if (at === count) break;
    }
    return joined;
  }

  #drop(count: number): void {
    this.#heldBytes -= count;
    let left = count;
    let gone = 0;
    while (left > 0 && left >= this.#pieces[gone].bytes.byteLength) left -= this.#pieces[gone++].bytes.byteLength;
    this.#pieces.splice(0, gone);
    if (left > 0) {
      const { bytes, atMs } = this.#pieces[0];
      this.#pieces[0] = { bytes: bytes.subarray(left), atMs };
    }
  }
}

/** `set` and `from` go byte by byte where memory is shared, as payloads' is. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = uninitialised(bytes.byteLength);
  copyBlock(bytes, copy, 0);
  return copy;
}

/** All of it is written at once, so that nobody sees what was there. */
function uninitialised(byteLength: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(byteLength).buffer);
}

/** Handing a job to a worker costs about as much as sealing one chunk; from four on it pays. */
const SEAL_BYTES_MIN = 4 * AGE_CHUNK_BYTES;
const SEAL_BYTES_MAX = 64 * AGE_CHUNK_BYTES;
/** A tenth. */
const PADDING_SHARE = 10;
