import {
  type Batch,
  ComponentError,
  DeliveryError,
  messageOf,
  permanent,
  retryable,
  type StatefulHost,
  type StatefulProcessor,
} from '@millrace/api';
import { explainError, OttlErrors } from '@millrace/ottl';
import { TieredCache } from './cache/tiered-cache.ts';
import { enrichFromRemote, enrichFromTable, type Findings, type Tally } from './enricher.ts';
import { LookupMetrics } from './lookup-metrics.ts';
import { Rule } from './lookup-rule.ts';
import type { LookupRule, LookupSettings } from './lookup-settings.ts';
import { hasExactNumbers, makeSource } from './make-source.ts';
import { openItems } from './open-items.ts';
import { Questioner } from './questioner.ts';
import type { Finding, LookupSource } from './source/lookup-source.ts';

/** When a sender may come again that finds too many batches waiting. */
const BUSY_RETRY_MS = 1_000;
const NANO_PER_MS = 1_000_000n;

/**
 * Writes what a source knows into the items of batches, and passes them on in the order in which they came. Senders wait until
 * what follows has taken responsibility: nothing is held that they have been told is safe.
 *
 * On the main thread, tables too: they are in memory once instead of once for each worker.
 */
export class LookupProcessor implements StatefulProcessor {
  readonly #settings: LookupSettings;
  readonly #host: StatefulHost;
  readonly #metrics: LookupMetrics;
  readonly #source: LookupSource;
  readonly #rules: readonly Rule[];
  readonly #questioner: Questioner | undefined;
  readonly #cache: TieredCache | undefined;
  /** Resolves when the batch that came last has been passed on. */
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(settings: LookupSettings, host: StatefulHost) {
    const { clock, logger } = host;
    this.#settings = settings;
    this.#host = host;
    this.#metrics = new LookupMetrics(host);
    this.#source = makeSource(settings.source, host, this.#metrics.onReload);
    this.#rules = settings.lookups.map((rule) => this.#compile(rule));
    if (this.#source.kind === 'table') return;
    this.#questioner = new Questioner({
      source: this.#source,
      clock,
      onAnswer: this.#metrics.onAnswer,
      onRest: (failure) => {
        const message = `the source keeps failing: ${messageOf(failure)}`;
        logger.warn('the source keeps failing and is left alone for a while', { error: messageOf(failure) });
        host.reportStatus('recoverable_error', message);
      },
      onRecovery: () => {
        logger.info('the source answers again');
        host.reportStatus('ok');
      },
    });
    if (settings.source.cache.enabled) this.#cache = this.#makeCache(this.#questioner);
  }

  async start(): Promise<void> {
    await this.#source.start();
    if (this.#cache === undefined) return;
    this.#cache.open();
    this.#metrics.watch(this.#cache);
  }

  async shutdown(): Promise<void> {
    await this.#last;
    this.#questioner?.close();
    this.#source.stop();
    await this.#cache?.settled();
    this.#cache?.close();
    this.#metrics.stop();
  }

  async consume(batch: Batch): Promise<void> {
    if (this.#waiting >= this.#settings.max_waiting_batches) {
      batch.release();
      const message = `${this.#waiting} batches wait for answers already (max_waiting_batches)`;
      throw retryable(message, { code: 'LOOKUP_BUSY', retryAfterMs: BUSY_RETRY_MS });
    }
    const before = this.#last;
    const passedOn = Promise.withResolvers<void>();
    this.#last = passedOn.promise;
    this.#waiting++;
    let taken: Promise<void> | undefined;
    try {
      const edited = await this.#enrich(batch);
      await before;
      taken = this.#passOn(batch, edited);
    } finally {
      this.#waiting--;
      // Not earlier than those before, even if this one was refused.
      void before.then(passedOn.resolve);
    }
    await taken;
  }

  /** Takes the batch over. While it waited for its turn, its accounted memory stood for what was made of it. */
  #passOn(batch: Batch, edited: Uint8Array | undefined): Promise<void> | undefined {
    if (edited === undefined) return this.#host.next([batch]);
    batch.release();
    return edited.length === 0 ? undefined : this.#host.next([this.#host.makeBatch([edited], batch)]);
  }

  /** What has become of the batch, empty when all is dropped; undefined where nothing has changed. Releases it when it throws. */
  async #enrich(batch: Batch): Promise<Uint8Array | undefined> {
    try {
      const open = openItems(batch);
      const tally =
        this.#source.kind === 'table'
          ? enrichFromTable(open, this.#rules, this.#source)
          : await enrichFromRemote(open, this.#rules, (keys) => this.#findAll(keys));
      if (tally.errors > 0 && this.#settings.on_error === 'refuse') throw this.#refusal(tally);
      const edited = open.changed();
      this.#metrics.record(tally, this.#cache);
      return edited;
    } catch (error) {
      batch.release();
      if (error instanceof DeliveryError) throw error;
      throw permanent(`cannot look up: ${messageOf(error)}`, { code: 'LOOKUP_FAILED', cause: error });
    }
  }

  #refusal(tally: Tally): DeliveryError {
    this.#metrics.record({ hits: 0, misses: 0, dropped: 0, errors: tally.errors }, this.#cache);
    return retryable('the source of a lookup cannot be asked', { code: 'LOOKUP_UNAVAILABLE' });
  }

  /** Does not wait where everything is known. */
  #findAll(keys: ReadonlySet<string>): Findings | Promise<Findings> {
    const findings = new Map<string, Finding>();
    const unknown: string[] = [];
    for (const key of keys) {
      const entry = this.#cache?.peek(key);
      if (entry === undefined) unknown.push(key);
      else findings.set(key, entry.value);
    }
    if (unknown.length === 0) return findings;
    return this.#askAll(unknown, findings);
  }

  async #askAll(keys: readonly string[], findings: Map<string, Finding>): Promise<Findings> {
    const ask = (key: string) => this.#cache?.fetch(key) ?? (this.#questioner as Questioner).ask(key);
    const answers = await Promise.allSettled(keys.map(ask));
    let failure: unknown;
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'fulfilled') findings.set(keys[index], answer.value);
      else failure ??= answer.reason;
    }
    if (failure !== undefined) this.#host.logger.debug('a lookup failed', { error: messageOf(failure) });
    return findings;
  }

  #compile(rule: LookupRule): Rule {
    const { clock, signal } = this.#host;
    const now = () => BigInt(clock.now()) * NANO_PER_MS;
    try {
      return new Rule(rule, { signal, hasExactNumbers: hasExactNumbers(this.#settings.source), now });
    } catch (error) {
      if (!(error instanceof OttlErrors)) throw error;
      const [{ message, remedy }] = error.errors.map(explainError);
      const text = `the key ${rule.key} makes no sense for ${signal}: ${message}`;
      throw new ComponentError(text, {
        code: 'LOOKUP_KEY',
        remedy: remedy ?? 'write it without its context, as attributes["name"], or use a processor for each signal',
      });
    }
  }

  #makeCache({ ask }: Questioner): TieredCache {
    const { cache } = this.#settings.source;
    const { clock, logger, id, signal } = this.#host;
    const name = `${id}.${signal}`.replaceAll(/[^\w.-]/g, '_');
    return new TieredCache(
      {
        entriesMax: cache.size,
        bytesMax: cache.max_bytes,
        ttlMs: cache.ttl,
        negativeTtlMs: cache.negative_ttl,
        staleMs: cache.stale_while_revalidate,
        compressedBytesMax: cache.compressed_max_bytes,
        disk: cache.disk && { directory: cache.disk.directory, name, bytesMax: cache.disk.max_bytes },
      },
      { clock, logger, load: ask },
    );
  }
}
