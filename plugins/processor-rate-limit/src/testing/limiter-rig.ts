import type { Batch, ClientContext, SchemaData, StatefulProcessor } from '@millrace/api';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf, FakeStatefulHost } from '@millrace/testkit';
import definition from '../index.ts';
import type { LimitedSignal } from '../walk-items.ts';

/** A fake host that keeps what was passed on. */
export class LimiterHost extends FakeStatefulHost {
  /** OTLP/JSON of each chunk that everybody after the processor has taken. */
  readonly requests: unknown[] = [];
  /** How many batches were made anew. */
  made = 0;
  /** Throws where there is to be no memory. */
  beforeMaking: () => void = () => undefined;

  constructor(signal: LimitedSignal) {
    super({ signal, guarantee: 'safe' }, { id: 'rate_limit' });
    const { next, makeBatch } = this;
    Object.assign(this, {
      makeBatch: (chunks: readonly Uint8Array[], from?: Pick<Batch, 'context'>): Batch => {
        this.beforeMaking();
        this.made++;
        const copies = chunks.map((chunk) => Uint8Array.from(chunk));
        return makeBatch(copies, from);
      },
      next: async (batches: readonly Batch[]) => {
        const chunks = batches.flatMap((batch) => batch.chunks.map((chunk) => Uint8Array.from(chunk)));
        await next(batches);
        for (const chunk of chunks) this.requests.push(JSON.parse(Buffer.from(protoToJson(signal, chunk)).toString()));
      },
    });
  }

  /** A batch from OTLP/JSON. */
  batchFrom(request: object, context?: ClientContext): Batch {
    return this.batchOf([jsonToProto(this.signal, JSON.stringify(request))], context);
  }
}

type Settings = Parameters<NonNullable<typeof definition.stateful>['create']>[0];

/** The processor with settings as people write them. */
export function limiterWith(settings: object, signal: LimitedSignal = 'logs') {
  const host = new LimiterHost(signal);
  const limiter = definition.stateful!.create(withDefaults(definition.config, settings) as Settings, host);
  return { host, limiter };
}

function withDefaults(schema: SchemaData, given: object): object {
  const filled: Record<string, unknown> = { ...given };
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const value = filled[name] ?? property.default;
    if (property.properties !== undefined) filled[name] = withDefaults(property, value ?? {});
    else if (value !== undefined) filled[name] = value;
  }
  return filled;
}

/** A real collector with these settings. */
export function collectorWith(settings: object, signal: LimitedSignal = 'logs') {
  const pipeline = { receivers: ['test/in'], processors: ['rate_limit'], exporters: ['test/out'] };
  const config = {
    receivers: { 'test/in': null },
    exporters: { 'test/out': null },
    processors: { rate_limit: settings },
    service: { pipelines: { [signal]: pipeline } },
  };
  return collectorOf(JSON.stringify(config), { plugins: [new URL('../index.ts', import.meta.url)] });
}

/** A log record by its body. */
export const record = (body: string, attributes: Readonly<Record<string, string>> = {}) => ({
  body: { stringValue: body },
  attributes: keyValues(attributes),
});

export function keyValues(attributes: Readonly<Record<string, string>>): object[] {
  return Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

/** One resource for each service, with its records. */
export function logsOf(services: Readonly<Record<string, readonly object[]>>): object {
  return {
    resourceLogs: Object.entries(services).map(([service, logRecords]) => ({
      resource: { attributes: keyValues({ 'service.name': service }) },
      scopeLogs: [{ logRecords }],
    })),
  };
}

export const records = (count: number, from = 0): object[] =>
  Array.from({ length: count }, (_, index) => record(`${from + index}`));

interface LogsJson {
  readonly resourceLogs?: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly {
        readonly body: { readonly stringValue: string };
        readonly attributes?: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
      }[];
    }[];
  }[];
}

/** The log records that were passed on: bodies, and what was added to each. */
export function passedBy(host: LimiterHost): { readonly bodies: string[]; readonly added: Record<string, unknown> } {
  const bodies: string[] = [];
  const added: Record<string, unknown> = {};
  for (const request of host.requests as LogsJson[]) {
    for (const { scopeLogs } of request.resourceLogs ?? []) {
      for (const { body, attributes = [] } of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
        bodies.push(body.stringValue);
        for (const { key, value } of attributes) {
          if (key.startsWith('rate_limit.')) added[body.stringValue] = Object.values(value)[0];
        }
      }
    }
  }
  return { bodies, added };
}

/** Gives it a request and waits for the answer. */
export async function send(
  { host, limiter }: { readonly host: LimiterHost; readonly limiter: StatefulProcessor },
  request: object,
  context?: ClientContext,
): Promise<unknown> {
  try {
    await limiter.consume(host.batchFrom(request, context));
    return 'accepted';
  } catch (error) {
    return error;
  }
}
