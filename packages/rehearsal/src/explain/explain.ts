import type { Logger, LogFields } from '@millrace/api';
import type { ResolvedComponent, ResolvedConfig, ResolvedPipeline } from '@millrace/config';
import { countItems } from '@millrace/otlp';
import { diffRecords, readRecords } from '@millrace/records';
import { type Answer, Rehearsal } from '../rehearsal.ts';
import { PayloadWriter } from '../payload/payload-writer.ts';
import { firstReceiver } from '../first-receiver.ts';
import type { Payload } from '../payload/payload.ts';
import type { DestinationStory, Explanation, InputStory, PipelineStory, Remark, StepStory } from './explanation.ts';
import { type Sighting, withObservers } from '../observers.ts';
import { payloadStory } from './payload-story.ts';

export interface ExplainOptions {
  readonly config: ResolvedConfig;
  readonly payloads: readonly Payload[];
  /** Where they come in; by default the first receiver that has a pipeline for the signal. */
  readonly receiver?: string;
  /** How long to wait for what is held, in milliseconds of the rehearsal's clock. */
  readonly waitMs: number;
}

/**
 * Runs an input through the pipelines of a configuration, step by step and without I/O, and tells what each component
 * did to it. Throws a ComponentError where a component cannot be made or started.
 */
export async function explain({ config, payloads, receiver, waitMs }: ExplainOptions): Promise<Explanation> {
  const sightings: Sighting[] = [];
  const remarks: Remark[] = [];
  const observed = withObservers(config, (sighting) => sightings.push(sighting));
  const rehearsal = await Rehearsal.start({ config: observed, logger: listener(remarks) });
  try {
    const writer = new PayloadWriter(rehearsal.clock);
    const fed: { readonly story: Omit<InputStory, 'answer' | 'reason'>; readonly answer: () => Answer }[] = [];
    for (const payload of payloads) {
      const { signal } = payload;
      const id = receiver ?? firstReceiver(config, signal);
      if (id === undefined) throw new Error(`no pipeline of the configuration takes ${signal} from a receiver`);
      const request = writer.requestOf(payload);
      const items = countItems(signal, request);
      const answer = await rehearsal.feed({ receiver: id, signal, request });
      fed.push({ story: { receiver: id, signal, items }, answer });
    }
    await rehearsal.clock.advance(waitMs);
    const inputs = fed.map(({ story, answer }) => ({ ...story, ...answerStory(answer()) }));
    const stories = new Storyteller(config, sightings, rehearsal.clock.now()).pipelines(inputs);
    return { inputs, pipelines: stories, remarks: [...remarks], elapsedMs: waitMs };
  } finally {
    await rehearsal.stop();
  }
}

function answerStory(answer: Answer): Pick<InputStory, 'answer' | 'reason'> {
  return { answer: answer.kind, reason: answer.kind === 'refused' ? answer.error.message : undefined };
}

/** Keeps what components warn of. */
function listener(remarks: Remark[]): Logger {
  const hear =
    (level: Remark['level']) =>
    (message: string, fields: LogFields = {}) => {
      const { component, kind: _, ...rest } = fields;
      remarks.push({ level, component: typeof component === 'string' ? component : '', message, fields: rest });
    };
  return { debug: () => undefined, info: () => undefined, warn: hear('warn'), error: hear('error') };
}

/** Makes stories of what was seen. */
class Storyteller {
  readonly #config: ResolvedConfig;
  /** By pipeline, then by position. */
  readonly #seen: ReadonlyMap<string, ReadonlyMap<number, readonly Sighting[]>>;
  /** By pipeline: when something came to it. */
  readonly #arrivals: ReadonlyMap<string, readonly number[]>;
  readonly #nowMs: number;

  constructor(config: ResolvedConfig, sightings: readonly Sighting[], nowMs: number) {
    this.#config = config;
    this.#nowMs = nowMs;
    const byPipeline = Map.groupBy(sightings, ({ pipeline }) => pipeline);
    this.#arrivals = new Map([...byPipeline].map(([id, seen]) => [id, arrivalsOf(seen)]));
    this.#seen = new Map(
      [...byPipeline].map(([id, seen]) => [id, Map.groupBy(onset(seen), ({ position }) => position)]),
    );
  }

  pipelines(inputs: readonly InputStory[]): PipelineStory[] {
    const fed = new Set(inputs.map(({ receiver }) => receiver));
    return [...this.#seen.keys()].map((id) => {
      const story = this.#pipeline(this.#config.pipelines.get(id) as ResolvedPipeline);
      const came = (from: string) => fed.has(from) || this.#config.connectors.has(from);
      return { ...story, receivers: story.receivers.filter(came) };
    });
  }

  #at(pipeline: string, position: number): readonly Sighting[] {
    return this.#seen.get(pipeline)?.get(position) ?? [];
  }

  #pipeline(pipeline: ResolvedPipeline): PipelineStory {
    const { id, signal, receivers, processors, exporters } = pipeline;
    const arrived = this.#at(id, 0);
    const all = this.#arrivals.get(id) ?? [];
    return {
      id,
      signal,
      receivers,
      items: itemsOf(arrived),
      atMs: arrived[0]?.atMs ?? 0,
      times: all.length,
      steps: processors.map((_, index) => this.#step(pipeline, index)),
      destinations: exporters.map((exporter) => this.#destination(pipeline, exporter)),
    };
  }

  #step({ id, signal, processors }: ResolvedPipeline, index: number): StepStory {
    const [incoming, outgoing] = [this.#at(id, index), this.#at(id, index + 1)];
    const component = this.#config.processors.get(processors[index]) as ResolvedComponent<'processor'>;
    const [before, after] = [incoming, outgoing].map((seen) =>
      seen.flatMap(({ request }) => readRecords(signal, [request])),
    );
    // What the places behind it were told, too, somebody behind it said.
    const isOwn = !outgoing.some(({ refusal }) => refusal !== undefined);
    const refused = isOwn ? incoming.find(({ refusal }) => refusal !== undefined)?.refusal : undefined;
    const heldMs = outgoing.length === 0 ? 0 : Math.max(0, outgoing[0].atMs - (incoming[0]?.atMs ?? 0));
    return {
      processor: component.id,
      isGate: component.definition.gate !== undefined,
      isStateful: component.definition.stateful !== undefined,
      before,
      after,
      itemsBefore: itemsOf(incoming),
      itemsAfter: itemsOf(outgoing),
      changes: diffRecords(before, after),
      heldMs,
      refusal: refused?.message,
    };
  }

  #destination({ id: pipeline, signal, processors }: ResolvedPipeline, id: string): DestinationStory {
    const leaving = this.#at(pipeline, processors.length);
    const items = itemsOf(leaving);
    const exporter = this.#config.exporters.get(id);
    if (exporter === undefined) {
      const behind = [...this.#config.pipelines.values()].filter(({ receivers }) => receivers.includes(id));
      const passes = behind.map((next) => ({ pipeline: next.id, items: itemsOf(this.#at(next.id, 0)) }));
      return { kind: 'connector', id, items, passes };
    }
    const place = placeOf(exporter.config);
    return {
      kind: 'exporter',
      id,
      items,
      ...(place === undefined ? {} : { place }),
      ...(leaving.length === 0 ? {} : { payload: payloadStory(exporter, signal, leaving[0].request, this.#nowMs) }),
    };
  }
}

/** Connectors that summarise send again and again: so many times are told of. */
const TIMES_MAX = 2;

function arrivalsOf(seen: readonly Sighting[]): number[] {
  return [...new Set(seen.filter(({ position }) => position === 0).map(({ atMs }) => atMs))];
}

/** What was seen in a pipeline until something came to it once too often. */
function onset(seen: readonly Sighting[]): readonly Sighting[] {
  const end = arrivalsOf(seen)[TIMES_MAX];
  return end === undefined ? seen : seen.filter(({ atMs }) => atMs < end);
}

function itemsOf(seen: readonly Sighting[]): number {
  return seen.reduce((sum, { items }) => sum + items, 0);
}

/** Settings that say where an exporter sends or writes. */
const PLACE_KEYS = ['endpoint', 'url', 'path', 'directory', 'topic'];

function placeOf(config: unknown): string | undefined {
  const settings = config as Readonly<Record<string, unknown>>;
  const found = PLACE_KEYS.map((key) => settings[key]).find((value) => typeof value === 'string' && value !== '');
  // Passwords may stand in addresses.
  return typeof found === 'string' ? found.replace(/\/\/[^/@]*@/, '//') : undefined;
}
