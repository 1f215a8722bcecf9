import { int, type AttributesView } from '@millrace/otlp';

export type SummaryLevel = 'debug' | 'info' | 'silent';

const GROUPS = ['redacted', 'masked', 'allowed', 'ignored'] as const;
type Group = (typeof GROUPS)[number];

/** What was removed or masked cannot be seen again: such notes add up. What was allowed or ignored is noted anew by each redaction. */
const ADDS_UP: ReadonlySet<Group> = new Set<Group>(['redacted', 'masked']);

/** All attributes that summaries consist of. */
export const SUMMARY_KEYS: ReadonlySet<string> = new Set(
  ['redaction.', 'redaction.body.'].flatMap((prefix) =>
    GROUPS.flatMap((group) => [`${prefix}${group}.count`, ...(group === 'ignored' ? [] : [`${prefix}${group}.keys`])]),
  ),
);

/** Notes what was done to which keys, and writes it into attributes. */
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

  /** Writes down what was noted, and forgets it. `hasEarlier`: an earlier redaction may have written something. */
  writeTo(attributes: AttributesView, hasEarlier: boolean): void {
    if (this.#size === 0 && !(hasEarlier && this.isKept)) return;
    this.#size = 0;
    for (const group of GROUPS) {
      const keys = this.#keys[group];
      const count = `${this.#prefix}${group}.count`;
      const names = `${this.#prefix}${group}.keys`;
      const addsUp = hasEarlier && ADDS_UP.has(group);
      if (keys.length === 0) {
        // What holds of these keys now is that there are none.
        if (!hasEarlier || addsUp) continue;
        attributes.delete(count);
        attributes.delete(names);
        continue;
      }
      if (this.#level === 'debug' && group !== 'ignored') {
        const before = (addsUp ? attributes.getString(names) : undefined) ?? '';
        const all = before === '' ? keys : [...keys, ...before.split(',')];
        attributes.set(names, all.toSorted().join(','));
      }
      const before = (addsUp ? attributes.getInt(count) : undefined) ?? 0n;
      attributes.set(count, int(before + BigInt(keys.length)));
      keys.length = 0;
    }
  }

  /** Forgets what was noted. */
  clear(): void {
    this.#size = 0;
    for (const group of GROUPS) this.#keys[group].length = 0;
  }
}
