import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch, Definition, Signal, StatefulProcessor } from '@millrace/api';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf, FakeStatefulHost } from '@millrace/testkit';
import definition from '../index.ts';
import type { LookupSettings } from '../lookup-settings.ts';

/** Settings as the collector decodes and checks them. Throws ConfigErrors. */
export async function decoded(settings: object): Promise<LookupSettings> {
  let seen: LookupSettings | undefined;
  const create = (config: LookupSettings) => {
    seen = config;
    return { consume: () => Promise.resolve(), shutdown: () => Promise.resolve() };
  };
  const spy = { ...definition, stateful: { signals: ['logs'], create } } as unknown as Definition;
  const yaml = JSON.stringify({
    receivers: { 'test/in': null },
    processors: { lookup: settings },
    exporters: { 'test/out': null },
    service: { pipelines: { logs: { receivers: ['test/in'], processors: ['lookup'], exporters: ['test/out'] } } },
  });
  await using _collector = await collectorOf(yaml, { plugins: [spy], start: false });
  return seen as unknown as LookupSettings;
}

/** Keeps what is passed on as OTLP/JSON. */
export class RecordingHost extends FakeStatefulHost {
  readonly outputs: string[] = [];

  constructor(...parameters: ConstructorParameters<typeof FakeStatefulHost>) {
    super(...parameters);
    const passOn = this.next;
    const next = (batches: readonly Batch[]): Promise<void> => {
      for (const chunk of batches.flatMap(({ chunks }) => chunks))
        this.outputs.push(Buffer.from(protoToJson(this.signal, chunk)).toString());
      return passOn(batches);
    };
    Object.assign(this, { next });
  }
}

/** A processor that runs on a host which a test can look into. */
export interface Running {
  readonly host: RecordingHost;
  readonly processor: StatefulProcessor;
  /** Puts records with these values of the attribute `k` through it. */
  send(...keys: readonly unknown[]): Promise<void>;
  /** Attributes of all records that came out, in order, as plain objects. */
  readonly records: readonly Readonly<Record<string, unknown>>[];
  [Symbol.asyncDispose](): Promise<void>;
}

export async function running(settings: object, host = new RecordingHost({ signal: 'logs', guarantee: 'safe' })) {
  const stateful = definition.stateful!;
  const processor = stateful.create(await decoded(settings), host);
  await processor.start?.();
  const result: Running = {
    host,
    processor,
    send: (...keys) => processor.consume(host.batchOf([logsWith(...keys)])),
    get records() {
      return host.outputs.flatMap(attributesIn);
    },
    [Symbol.asyncDispose]: () => processor.shutdown(),
  };
  return result;
}

type Json = Readonly<Record<string, unknown>>;

export function logsWith(...keys: readonly unknown[]): Uint8Array {
  const logRecords = keys.map((key) => ({ attributes: [{ key: 'k', value: anyValue(key) }] }));
  return toWire('logs', { resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ logRecords }] }] });
}

export function toWire(signal: Signal, json: object): Uint8Array {
  return jsonToProto(signal, JSON.stringify(json));
}

function anyValue(value: unknown): Json {
  if (typeof value === 'number') return { intValue: String(value) };
  return typeof value === 'boolean' ? { boolValue: value } : { stringValue: value };
}

function attributesIn(request: string): Json[] {
  const { resourceLogs } = JSON.parse(request) as {
    resourceLogs: { scopeLogs: { logRecords: { attributes?: Attribute[] }[] }[] }[];
  };
  return resourceLogs
    .flatMap(({ scopeLogs }) => scopeLogs)
    .flatMap(({ logRecords }) => logRecords)
    .map(({ attributes = [] }) => Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)])));
}

interface Attribute {
  readonly key: string;
  readonly value: Json;
}

/** int64 as `{ int: '1' }`, so that it is told from a double. */
function plain(value: Json): unknown {
  if ('intValue' in value) return { int: value['intValue'] };
  const [content] = Object.values(value);
  return content;
}

/** A directory that is there as long as the test. */
export class TestDirectory {
  readonly path = mkdtempSync(join(tmpdir(), 'millrace-lookup-'));

  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}
