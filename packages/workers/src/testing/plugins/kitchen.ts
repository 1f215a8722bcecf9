/** Good and bad steps for the mill's tests. Log records are told apart by their bodies. */
import {
  defineConnector,
  defineExporter,
  defineProcessor,
  defineReceiver,
  permanent,
  retryable,
  Type,
} from '@millrace/api';
import type { Description, StepTools } from '@millrace/api';
import type { LogsBatch } from '@millrace/otlp';

/** Bodies are strings in these tests. */
const text = (body: unknown) => (typeof body === 'string' ? body : '');

interface Marked {
  readonly marker: string;
}

function describe<C>(type: string): Pick<Description<C>, 'type' | 'summary' | 'stability' | 'config' | 'examples'> {
  return { type, summary: 'For tests.', stability: 'development', config: Type.Any() as never, examples: [] };
}

/** A processor that does something when it meets a record whose body contains the marker. */
function onMarker(type: string, action: (tools: StepTools) => void) {
  return defineProcessor<Marked>({
    ...describe<Marked>(type),
    create: ({ marker }, tools) => ({
      logs(batch: LogsBatch) {
        for (const record of batch.records) if (text(record.body).includes(marker)) action(tools);
      },
    }),
  });
}

const hoard: unknown[] = [];

export default [
  onMarker('explode', () => {
    throw new Error('boom');
  }),
  onMarker('refuse', () => {
    throw permanent('not this one', { code: 'REFUSED' });
  }),
  onMarker('busy', () => {
    throw retryable('come back later', { code: 'BUSY', retryAfterMs: 1500 });
  }),
  onMarker('spin', () => {
    for (;;);
  }),
  onMarker('hog', () => {
    for (;;) hoard.push(new Array(10_000).fill(Math.random()));
  }),
  onMarker('exit', () => {
    process.exit(3);
  }),
  onMarker('count', (tools) => {
    tools.count('marked', 1);
  }),
  onMarker('shout', (tools) => {
    tools.logger.warn('seen', { step: tools.id });
  }),

  defineProcessor<{ key: string; value: string }>({
    ...describe('tag'),
    create: ({ key, value }) => ({
      logs(batch) {
        for (const record of batch.records) record.attributes.set(key, value);
      },
    }),
  }),
  defineProcessor<Marked>({
    ...describe('drop'),
    create: ({ marker }, tools) => ({
      logs(batch) {
        let dropped = 0;
        for (const record of batch.records) {
          if (!text(record.body).includes(marker)) continue;
          record.drop();
          dropped++;
        }
        tools.count('dropped', dropped);
      },
    }),
  }),
  defineProcessor({
    ...describe('sender'),
    usesContext: () => true,
    create: (_config, tools) => ({
      logs(batch) {
        for (const record of batch.records) record.attributes.set('sender', tools.context?.address ?? 'nobody');
      },
    }),
  }),
  /** Needs more heap the more records there are at once: no single one kills. */
  defineProcessor<{ max: number }>({
    ...describe('fragile'),
    create: ({ max }) => ({
      logs(batch) {
        if (batch.itemCount > max) process.exit(4);
      },
    }),
  }),
  defineProcessor({
    ...describe('asynchronous'),
    create: () => ({
      logs: (() => Promise.reject(new Error('nobody listens'))) as () => void,
    }),
  }),
  defineProcessor({
    ...describe('uncreatable'),
    create: () => {
      throw new Error('no such luck');
    },
  }),

  defineReceiver<{ crash?: string; repeat?: number }>({
    ...describe('flip'),
    signals: ['logs'],
    create: () => ({}),
    decoder: ({ crash, repeat }) => ({
      decode(_signal, body, form) {
        if ((form as { crash?: boolean } | undefined)?.crash === true && crash === 'exit') process.exit(5);
        if ((form as { garbage?: boolean } | undefined)?.garbage === true) return 'not bytes' as never;
        if (body[0] === 0xff) throw permanent('the first byte is wrong', { code: 'BAD_FORM' });
        const bytes = body.map((byte) => byte ^ 0x55);
        if (repeat === undefined) return bytes;
        return new Uint8Array(Buffer.concat(Array.from({ length: repeat }, () => bytes)));
      },
    }),
  }),

  defineExporter<{ garbage?: boolean; plain?: boolean }>({
    ...describe('lines'),
    signals: ['logs'],
    create: () => ({ send: () => Promise.resolve() }),
    encoder: ({ garbage, plain }) => {
      if (plain === true) return undefined;
      return {
        encode(batch) {
          if (garbage === true) return { length: 3 } as never;
          const lines: string[] = [];
          for (const record of (batch as LogsBatch).records) {
            lines.push(JSON.stringify([record.body, record.attributes.toObject()]));
          }
          return Buffer.from(lines.join('\n'));
        },
      };
    },
    jobs: {
      reverse: (input: Uint8Array) => input.toReversed(),
      itself: (input: Uint8Array) => input,
      fail: () => {
        throw new Error('job failed');
      },
      die: () => process.exit(6),
      garbage: () => 7 as never,
      repeat: (input: Uint8Array, { times }: { times: number }) =>
        Buffer.concat(Array.from({ length: times }, () => input)),
    },
  }),

  /** Sends marked records to the pipelines named, and everything to all others. */
  defineConnector<Marked & { to: readonly string[] }>({
    ...describe('route'),
    routes: [{ from: 'logs', to: 'logs' }],
    create: ({ marker, to }) => ({
      logs(batch, out) {
        out.emit(
          batch,
          out.pipelines.filter((pipeline) => !to.includes(pipeline)),
        );
        for (const record of batch.records) if (!text(record.body).includes(marker)) record.drop();
        out.emit(batch, to);
      },
    }),
  }),
];
