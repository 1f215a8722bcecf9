import type { Clock } from '@millrace/api';
import {
  AGE_CHUNK_BYTES,
  AGE_TAG_BYTES,
  type AgeChunkPosition,
  type AgeRecipient,
  startAgeFile,
} from '@millrace/codec';
import type { Content } from './content.ts';
import { HeldBytes } from './held-bytes.ts';
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
  /** Encoded bytes that wait to be sealed. */
  readonly #held = new HeldBytes();
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
    return this.#held.length;
  }

  get isBehind(): boolean {
    return this.#isBehind;
  }

  get bytes(): number {
    const contentBytes = this.#counter * AGE_CHUNK_BYTES + this.#held.length;
    if (contentBytes === 0) return 0;
    return this.#headerBytes + contentBytes + Math.ceil(contentBytes / AGE_CHUNK_BYTES) * AGE_TAG_BYTES;
  }

  async add(payloads: readonly Uint8Array[]): Promise<void> {
    const { sync } = this.#settings;
    // Nothing more is taken while what was taken cannot be written: this bounds what is held.
    if (this.#isBehind) await this.#sealWhole();
    const atMs = this.#settings.clock.monotonic();
    for (const payload of payloads) this.#held.add(payload, atMs);
    if (sync) {
      this.#pad(atMs);
      await this.#sealWhole();
    } else if (this.#held.length >= SEAL_BYTES_MIN) {
      await this.#sealWhole().catch((error: unknown) => this.#settings.onTrouble(error));
    }
  }

  async flush(): Promise<void> {
    if (this.#isFinishing) return;
    await this.#sealWhole();
    if (this.#held.length > 0 && this.#isPaddingDue()) {
      this.#pad(this.#oldestAtMs);
      await this.#sealWhole();
    }
  }

  async finish(): Promise<void> {
    if (!this.#isFinishing) {
      this.#isFinishing = true;
      const { form, clock } = this.#settings;
      // The final chunk of a file must not be empty, unless the whole file is.
      const isEmptyEnd = this.#held.length === 0 && this.#counter > 0;
      if (isEmptyEnd) this.#held.add(padding(form, leastPadding(form)), clock.monotonic());
    }
    if (this.#held.length > 0) {
      while (this.#held.length > AGE_CHUNK_BYTES) await this.#sealNext();
      const rest = this.#held.first(this.#held.length);
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
    const waitedMs = clock.monotonic() - this.#oldestAtMs;
    if (sealAfterMs > 0 && waitedMs >= sealAfterMs) return true;
    const paddingBytes = paddingToChunk(form, this.#held.length).byteLength;
    const fileBytes = this.#counter * AGE_CHUNK_BYTES + this.#held.length + paddingBytes;
    return (this.#paddedBytes + paddingBytes) * PADDING_SHARE <= fileBytes;
  }

  #pad(atMs: number): void {
    const bytes = paddingToChunk(this.#settings.form, this.#held.length);
    if (bytes.byteLength === 0) return;
    this.#paddedBytes += bytes.byteLength;
    this.#held.add(bytes, atMs);
  }

  get #oldestAtMs(): number {
    return this.#held.oldestAtMs ?? this.#settings.clock.monotonic();
  }

  /** Writes all whole chunks. */
  async #sealWhole(): Promise<void> {
    this.#isBehind = true;
    while (this.#held.length >= AGE_CHUNK_BYTES) await this.#sealNext();
    this.#isBehind = false;
  }

  /** Writes as many whole chunks as one job takes; of a file that ends, not the last one. */
  async #sealNext(): Promise<void> {
    const available = this.#isFinishing ? this.#held.length - 1 : this.#held.length;
    const chunks = Math.floor(Math.min(available, SEAL_BYTES_MAX) / AGE_CHUNK_BYTES);
    await this.#write(this.#held.first(chunks * AGE_CHUNK_BYTES), { final: false });
    this.#counter += chunks;
  }

  async #write(bytes: Uint8Array, { final }: { final: boolean }): Promise<void> {
    const position = { payloadKey: this.#payloadKey, counter: this.#counter, final };
    const sealed = await this.#settings.seal(bytes, position);
    await this.#file.append([this.#header, sealed], { sync: this.#settings.sync || final });
    this.#header = new Uint8Array(0);
    this.#held.drop(bytes.byteLength);
  }
}

/** Handing a job to a worker costs about as much as sealing one chunk; from four on it pays. */
const SEAL_BYTES_MIN = 4 * AGE_CHUNK_BYTES;
const SEAL_BYTES_MAX = 64 * AGE_CHUNK_BYTES;
/** A tenth. */
const PADDING_SHARE = 10;
