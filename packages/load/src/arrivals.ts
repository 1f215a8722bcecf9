import type { Signal } from '@millrace/api';
import { countItems, key, LogsBatch, MetricsBatch, TracesBatch } from '@millrace/otlp';
import { parseLoadId } from './load-id.ts';
import { NumberSet } from './number-set.ts';
import { LOAD_ID } from './request-settings.ts';

/** Runs that are told apart; the oldest is forgotten for a new one. */
const RUNS_MAX = 100;
const LOAD_ID_KEY = key(LOAD_ID);
const LOAD_ID_BYTES = Buffer.from(LOAD_ID, 'latin1');

/** What has arrived of a run of the generator. */
export interface RunTotals {
  readonly received: number;
  /** Different items; the others are duplicates. */
  readonly distinct: number;
}

/** What has arrived in all. */
export interface ArrivalTotals {
  readonly requests: number;
  /** By signal; with ids or without. */
  readonly items: Readonly<Record<Signal, number>>;
  readonly runs: Readonly<Record<string, RunTotals>>;
}

/** Counts the items of requests, and remembers which items of which run they were. */
export class Arrivals {
  readonly #items: Record<Signal, number> = { logs: 0, traces: 0, metrics: 0, profiles: 0 };
  readonly #runs = new Map<string, { received: number; readonly numbers: NumberSet }>();
  #requests = 0;

  /** The number of its items. Throws an InvalidMessage for what is no request of the signal. */
  add(signal: Signal, request: Uint8Array): number {
    const items = countItems(signal, request);
    if (hasIds(request)) this.#addIds(signal, request);
    this.#requests += 1;
    this.#items[signal] += items;
    return items;
  }

  get totals(): ArrivalTotals {
    const runs = [...this.#runs].map(([run, { received, numbers }]) => [run, { received, distinct: numbers.size }]);
    return { requests: this.#requests, items: this.#items, runs: Object.fromEntries(runs) as ArrivalTotals['runs'] };
  }

  /** Numbers of the items of a run that have arrived; undefined where none has. */
  numbersOf(run: string): NumberSet | undefined {
    return this.#runs.get(run)?.numbers;
  }

  #addIds(signal: Signal, request: Uint8Array): void {
    for (const text of idsOf(signal, request)) {
      const id = text === undefined ? undefined : parseLoadId(text);
      if (id === undefined) continue;
      const run = this.#run(id.run);
      run.received += 1;
      run.numbers.add(id.number);
    }
  }

  #run(name: string) {
    const known = this.#runs.get(name);
    if (known !== undefined) return known;
    if (this.#runs.size >= RUNS_MAX) this.#runs.delete(this.#runs.keys().next().value ?? '');
    const made = { received: 0, numbers: new NumberSet() };
    this.#runs.set(name, made);
    return made;
  }
}

/** Spares requests of others the reading of each record. */
function hasIds(request: Uint8Array): boolean {
  return Buffer.from(request.buffer, request.byteOffset, request.length).includes(LOAD_ID_BYTES);
}

function* idsOf(signal: Signal, request: Uint8Array): Generator<string | undefined> {
  switch (signal) {
    case 'logs':
      for (const { attributes } of LogsBatch.of([request]).records) yield attributes.getString(LOAD_ID_KEY);
      return;
    case 'traces':
      for (const { attributes } of TracesBatch.of([request]).spans) yield attributes.getString(LOAD_ID_KEY);
      return;
    case 'metrics':
      for (const { dataPoints } of MetricsBatch.of([request]).metrics)
        for (const { attributes } of dataPoints) yield attributes.getString(LOAD_ID_KEY);
      return;
    case 'profiles':
  }
}
