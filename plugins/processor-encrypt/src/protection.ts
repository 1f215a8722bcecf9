import { retryable } from '@millrace/api';
import { JweEncryptor, JweError, JweKey, JweRecognizer, PseudonymKey } from '@millrace/codec';
import { encodeAnyValue, valueKind } from '@millrace/otlp';
import type { EncryptSettings } from './encrypt-settings.ts';
import { joinableOf, plaintextOf } from './plaintext.ts';
import type { Treatment } from './treatment.ts';

/** Makes and counts what is put in the place of values. What one of the keys has made before is left as it is. */
export class Protection {
  readonly #settings: EncryptSettings;
  readonly #recognizer: JweRecognizer;
  readonly #pseudonymKeys: readonly PseudonymKey[];
  readonly #encryptors = new Map<string, JweEncryptor>();
  encrypted = 0;
  pseudonymized = 0;
  already = 0;

  constructor(settings: EncryptSettings, keys: readonly (JweKey | PseudonymKey)[]) {
    this.#settings = settings;
    this.#recognizer = new JweRecognizer(keys.filter((key) => key instanceof JweKey));
    this.#pseudonymKeys = keys.filter((key) => key instanceof PseudonymKey);
  }

  /** Before each batch. */
  begin(nowMs: number): void {
    for (const encryptor of this.#encryptors.values()) encryptor.tick(nowMs);
    this.encrypted = this.pseudonymized = this.already = 0;
  }

  with(key: JweKey | PseudonymKey): Treatment {
    if (key instanceof PseudonymKey) return { apply: (value) => this.#pseudonymOf(value, key) };
    let encryptor = this.#encryptors.get(key.kid);
    if (encryptor === undefined) {
      const { max_uses: usesMax, max_age: ageMsMax } = this.#settings.content_key;
      encryptor = new JweEncryptor(key, { usesMax, ageMsMax });
      this.#encryptors.set(key.kid, encryptor);
    }
    const chosen = encryptor;
    return { apply: (value) => this.#encrypt(value, chosen) };
  }

  #encrypt(value: Uint8Array, encryptor: JweEncryptor): Uint8Array | undefined {
    const kind = valueKind(value, 0, value.length);
    if (kind === 'empty') return undefined;
    const { bytes, contentType } = plaintextOf(value);
    if (kind === 'string' && this.#isDone(bytes)) return undefined;
    this.encrypted++;
    try {
      return encodeAnyValue(encryptor.encrypt(bytes, contentType));
    } catch (error) {
      // The sender keeps the data until the configuration has another key.
      if (error instanceof JweError) throw retryable(error.message, { code: error.code });
      throw error;
    }
  }

  #pseudonymOf(value: Uint8Array, key: PseudonymKey): Uint8Array | undefined {
    const kind = valueKind(value, 0, value.length);
    if (kind === 'empty') return undefined;
    const bytes = joinableOf(value);
    if (kind === 'string' && this.#isDone(bytes)) return undefined;
    this.pseudonymized++;
    return encodeAnyValue(key.pseudonymOf(bytes, this.#settings.pseudonym_bytes));
  }

  #isDone(text: Uint8Array): boolean {
    // The letters that a JWE ("eyJ…") and a pseudonym ("hs256.…") begin with; hardly any other text gets further.
    const [first, second] = text;
    const isJwe = first === 0x65 && second === 0x79;
    if (!isJwe && (first !== 0x68 || second !== 0x73)) return false;
    const token = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('latin1');
    const isDone = isJwe ? this.#recognizer.isOurs(token) : this.#pseudonymKeys.some((key) => key.hasMade(token));
    if (isDone) this.already++;
    return isDone;
  }
}
