import type { Writable } from 'node:stream';
import { ComponentError, type Signal } from '@millrace/api';
import { protoToJson } from '@millrace/otlp';
import { diffLines } from '@millrace/records';
import { ControlClient, type WhichCollector } from '../control/control-client.ts';
import { chunksOf, type TapData, type TapMessage } from '../control/tap-message.ts';
import { type Paint, paintFor } from '../display/paint.ts';
import { ByteOutput } from './cat/byte-output.ts';
import { RecordText } from './cat/record-text.ts';
import { printFailure } from './print-failure.ts';
import { RecordFilter, singleItems } from './tap/record-filter.ts';
import { changeJson, changesOf } from './tap/tap-changes.ts';

export interface TapOptions extends WhichCollector {
  /** OTTL condition. */
  readonly where?: string;
  /** Most records that are shown. */
  readonly limit?: number;
  readonly output: 'pretty' | 'json';
  /** Which side is shown; by default what leaves, where that can be seen. */
  readonly side?: 'before' | 'after';
  /** Only what is different between the two. */
  readonly diff: boolean;
  readonly signal: readonly Signal[];
  readonly sample: number;
}

/** Where output goes, and what ends it. */
export interface TapSurroundings {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  readonly interrupted: AbortSignal;
}

/** Shows live telemetry of a running collector. The result is the exit code. */
export async function tap(name: string | undefined, options: TapOptions, around: TapSurroundings): Promise<number> {
  try {
    const filter = options.where === undefined ? undefined : RecordFilter.of(options.where);
    const client = await ControlClient.find(options);
    const params = new URLSearchParams({ encoding: 'proto', sample: String(options.sample) });
    if (name !== undefined) params.set('name', name);
    const view = new TapView(options, filter, around.stdout);
    for await (const message of client.lines(`/tap?${params.toString()}`, around.interrupted)) {
      await view.show(message as TapMessage);
      if (view.isDone) break;
    }
    return end(view, around);
  } catch (error) {
    printFailure('tap', error, around.stderr);
    return 1;
  }
}

function end(view: TapView, { stderr, interrupted }: TapSurroundings): number {
  if (view.skipped > 0) {
    stderr.write(
      `millrace tap: ${view.skipped} batches were not shown, as more came than a tap takes; --sample shows fewer\n`,
    );
  }
  if (view.isDone || interrupted.aborted) return 0;
  stderr.write('millrace tap: the collector has ended\n');
  return 1;
}

class TapView {
  /** Worker tasks that could not be shown. */
  skipped = 0;
  readonly #options: TapOptions;
  readonly #filter: RecordFilter | undefined;
  readonly #output: ByteOutput;
  readonly #paint: Paint;
  readonly #text: RecordText;
  #left: number;
  #heading = '';

  constructor(options: TapOptions, filter: RecordFilter | undefined, stdout: TapSurroundings['stdout']) {
    this.#options = options;
    this.#filter = filter;
    this.#output = new ByteOutput(stdout);
    this.#paint = paintFor(stdout);
    this.#text = new RecordText(this.#paint);
    this.#left = options.limit ?? Infinity;
  }

  get isDone(): boolean {
    return this.#left <= 0 || this.#output.isClosed;
  }

  async show(message: TapMessage): Promise<void> {
    this.skipped += message.skipped;
    if (this.#options.diff) this.#showChanges(message);
    else for (const [side, data] of this.#sides(message)) this.#showRecords(message, side, data);
    await this.#output.flush();
  }

  *#sides({ before, after }: TapMessage): Generator<readonly ['before' | 'after', TapData]> {
    const side = this.#options.side ?? (after.length > 0 ? 'after' : 'before');
    if (side === 'after') for (const data of after) yield [side, data];
    else if (before !== undefined) yield [side, before];
  }

  #showRecords(message: TapMessage, side: 'before' | 'after', data: TapData): void {
    if (!this.#isWanted(data.signal)) return;
    const items = singleItems(data.signal, chunksOf(data)).filter((item) => this.#filter?.matches(item) !== false);
    for (const item of items.slice(0, this.#left)) {
      this.#left--;
      if (this.#options.output === 'json') {
        const { kind, id } = message;
        const request = JSON.parse(Buffer.from(protoToJson(item.signal, item.request)).toString()) as object;
        this.#json({ kind, id, pipeline: data.pipeline, side, signal: data.signal, ...request });
        continue;
      }
      this.#head(`${placeOf(message, data.pipeline)}, ${side}`);
      for (const line of this.#text.lines(item.signal, item.request)) this.#output.text(line);
    }
  }

  #showChanges(message: TapMessage): void {
    if (message.side !== 'both') throw notPaired(message);
    if (!this.#isWanted(message.before?.signal ?? message.after[0]?.signal)) return;
    const { before, after, changes } = changesOf(message, this.#filter);
    const real = changes.filter(({ kind }) => kind !== 'unchanged').slice(0, this.#left);
    this.#left -= real.length;
    if (this.#options.output === 'json') {
      const { kind, id, pipeline } = message;
      for (const change of real) this.#json({ kind, id, pipeline, ...changeJson(change, { before, after }) });
      return;
    }
    if (changes.length === 0) return;
    this.#head(placeOf(message, message.pipeline));
    for (const line of diffLines(real, { before, after }, this.#paint)) this.#output.text(line);
    const same = changes.filter(({ kind }) => kind === 'unchanged').length;
    if (same > 0) this.#output.text(this.#paint.dim(`  ${same} unchanged`));
  }

  #isWanted(signal: Signal | undefined): boolean {
    const { signal: wanted } = this.#options;
    return wanted.length === 0 || (signal !== undefined && wanted.includes(signal));
  }

  /** Says whose records follow, when that is somebody else. */
  #head(heading: string): void {
    if (heading === this.#heading) return;
    this.#heading = heading;
    this.#output.text(this.#paint.dim(`# ${heading}`));
  }

  #json(line: object): void {
    this.#output.text(JSON.stringify(line));
  }
}

function placeOf({ kind, id }: TapMessage, pipeline: string): string {
  return kind === 'pipeline' ? `pipeline ${id}` : `${kind} ${id} in ${pipeline}`;
}

function notPaired({ kind, id }: TapMessage): ComponentError {
  return new ComponentError(
    `what comes into the ${kind} "${id}" and what leaves it cannot be told to belong together`,
    {
      code: 'TAP_NOT_PAIRED',
      remedy:
        'use --before or --after; --diff shows what steps do: processors without a state of their own, and connectors',
    },
  );
}
