import { int, type AttributesView } from '@millrace/otlp';

export type SummaryLevel = 'debug' | 'info' | 'silent';

const GROUPS = ['redacted', 'masked', 'allowed', 'ignored'] as const;
type Group = (typeof GROUPS)[number];

/** All attributes that summaries consist of. They are kept where keys have to be allowed. */
export const SUMMARY_KEYS: readonly string[] = ['redaction.', 'redaction.body.'].flatMap((prefix) =>
  GROUPS.flatMap((group) => [`${prefix}${group}.count`, ...(group === 'ignored' ? [] : [`${prefix}${group}.keys`])]),
);

/** Notes what was done to which keys, and writes it into attributes. A second redaction adds to what the first has written. */
export class RedactionSummary {
  readonly #level: SummaryLevel;
  readonly #prefix: string;
  readonly #keys: Readonly<Record<Group, string[]>> = { redacted: [], masked: [], allowed: [], ignored: [] };
  #size = 0;

  constructor(level: SummaryLevel, subject: 'attributes' | 'body') {
    this.#level = level;
    this.#prefix = subject === 'body' ? 'redaction.body.' : 'redaction.';
  }

  /** Whether notes are of use: else the key need not be decoded. */
  get isKept(): boolean {
    return this.#level !== 'silent';
  }

  note(group: Group, key: string): void {
    this.#keys[group].push(key);
    this.#size++;
  }

  /** Writes down what was noted, and forgets it. */
  writeTo(attributes: AttributesView): void {
    if (this.#size === 0) return;
    this.#size = 0;
    for (const group of GROUPS) {
      const keys = this.#keys[group];
      if (keys.length === 0) continue;
      if (this.#level === 'debug' && group !== 'ignored') this.#writeKeys(attributes, group, keys);
      const count = `${this.#prefix}${group}.count`;
      attributes.set(count, int((attributes.getInt(count) ?? 0n) + BigInt(keys.length)));
      keys.length = 0;
    }
  }

  /** Forgets what was noted. */
  clear(): void {
    this.#size = 0;
    for (const group of GROUPS) this.#keys[group].length = 0;
  }

  #writeKeys(attributes: AttributesView, group: Group, keys: readonly string[]): void {
    const name = `${this.#prefix}${group}.keys`;
    const before = attributes.getString(name) ?? '';
    const all = before === '' ? keys : [...keys, ...before.split(',')];
    attributes.set(name, all.toSorted().join(','));
  }
}
