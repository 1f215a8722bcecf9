import type { Batch } from '@millrace/api';
import type { AttributesView } from '@millrace/otlp';
import type { ValueReader } from '@millrace/ottl';
import { formatValue } from '@millrace/rules';
import { compileKey, isAboutSender, readKey, showSender } from './key-expression.ts';
import type { RateLimitSettings } from './rate-limit-settings.ts';
import type { LimitedSignal, Surrounding } from './walk-items.ts';

/** What decides a part of the key. */
type Level = Surrounding | 'item';

interface KeyPart {
  readonly level: Level;
  /** Undefined where there is no such value. */
  read(view: object): string | undefined;
}

/** Whether the key depends on who sent the telemetry. */
export function asksForSender({ metadata, client_address, expressions }: RateLimitSettings['key']): boolean {
  return metadata.length > 0 || client_address || expressions.some(isAboutSender);
}

/** Makes the keys of items while a batch is walked. Parts that stay the same are read once. */
export class KeyReader {
  readonly #parts: readonly KeyPart[];
  readonly #expressions: readonly ValueReader[];
  readonly #settings: RateLimitSettings['key'];
  readonly #texts: (string | undefined)[];
  #sender = '';
  #key: string | undefined;

  /** @throws OttlErrors for an expression that items of the signal do not have */
  constructor(settings: RateLimitSettings['key'], signal: LimitedSignal, now: () => bigint) {
    this.#settings = settings;
    this.#expressions = settings.expressions.map((text) => compileKey(text, signal, now));
    this.#parts = [
      ...settings.resource_attributes.map((name) => attributePart('resource', name)),
      ...settings.attributes.map((name) => attributePart('item', name)),
      ...this.#expressions.map((reader) => ({ level: levelOf(reader), read: (view: object) => readKey(reader, view) })),
    ];
    this.#texts = this.#parts.map(() => undefined);
  }

  /** Whether items of one metric, scope and resource may have different keys. */
  get looksAtItems(): boolean {
    return this.#parts.some(({ level }) => level === 'item');
  }

  /** Whether all items of a batch have the same key, which stands beside the batch. */
  get looksAtSenderOnly(): boolean {
    return this.#parts.length === 0;
  }

  /** Before each batch. */
  begin(batch: Pick<Batch, 'context'>): void {
    this.#key = undefined;
    // Batches of several senders are merged where nobody asks.
    if (!asksForSender(this.#settings)) return;
    const sender = batch.context;
    const { metadata, client_address } = this.#settings;
    for (const expression of this.#expressions) showSender(expression, sender);
    const found: unknown[] = metadata.map((name) => sender?.metadata?.[name.toLowerCase()] ?? []);
    if (client_address) found.push(sender?.address ?? null);
    this.#sender = JSON.stringify(found);
  }

  /** Reads what a resource, scope, metric or item decides. */
  enter(level: Level, view: object): void {
    this.#parts.forEach((part, index) => {
      if (part.level !== level) return;
      this.#texts[index] = part.read(view);
      this.#key = undefined;
    });
  }

  get key(): string {
    this.#key ??= this.#sender + this.#texts.map(quoted).join('');
    return this.#key;
  }
}

function attributePart(level: 'resource' | 'item', name: string): KeyPart {
  return {
    level,
    read: (view) => {
      const value = (view as { readonly attributes: AttributesView }).attributes.get(name);
      return value === undefined ? undefined : formatValue(value);
    },
  };
}

function levelOf({ context }: ValueReader): Level {
  return context === 'resource' || context === 'scope' || context === 'metric' ? context : 'item';
}

/** With its length, so that no two lists of texts are the same. */
function quoted(text: string | undefined): string {
  return text === undefined ? '-' : `${text.length}:${text}`;
}
