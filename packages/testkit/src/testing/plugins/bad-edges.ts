import {
  defineExporter,
  defineReceiver,
  exporterSettings,
  type Outgoing,
  type ReceiverHost,
  type Sink,
  Type,
} from '@millrace/api';
import { edges, type Inbox } from '../edges.ts';

const common = { stability: 'development', signals: ['logs'], config: Type.Object({}) } as const;

function receiver(type: string, inboxOf: (host: ReceiverHost) => Inbox) {
  return defineReceiver({
    ...common,
    type,
    summary: 'Takes what a test puts into its inbox.',
    examples: [{ title: 'Defaults', yaml: `${type}:` }],
    create(_config, host) {
      edges().inbox = inboxOf(host);
      return {};
    },
  });
}

function exporter(type: string, sinkOf: () => Sink) {
  return defineExporter({
    ...common,
    type,
    summary: 'Puts what it sends into the outbox of a test.',
    examples: [{ title: 'Defaults', yaml: `${type}:` }],
    create: sinkOf,
  });
}

/** One behind a queue; its sink is given all that the engine sends. */
function queuedExporter(type: string, sinkOf: () => Sink) {
  return defineExporter({
    ...common,
    type,
    config: Type.Object(exporterSettings()),
    summary: 'Puts what it sends into the outbox of a test, through a queue.',
    examples: [{ title: 'Defaults', yaml: `${type}:` }],
    create: sinkOf,
  });
}

/** Makes a small request four times a second, until its `make` says that it is over. */
function source(type: string, make: (host: ReceiverHost) => Promise<boolean>) {
  return defineReceiver({
    ...common,
    type,
    summary: 'Makes data by itself.',
    examples: [{ title: 'Defaults', yaml: `${type}:` }],
    create(_config, host) {
      let cancel: () => void = () => undefined;
      const wait = () => void (cancel = host.clock.after(250, tick));
      const tick = () => {
        wait();
        void make(host).then((isOver) => {
          if (isOver) cancel();
        });
      };
      return { start: wait, shutdown: () => cancel() };
    },
  });
}

/** A request of one empty log record. */
const RECORD = Uint8Array.of(0x0a, 4, 0x12, 2, 0x12, 0);

/** Hands a record over and holds some room meanwhile; false when either was refused. */
async function makeOne(host: ReceiverHost): Promise<boolean> {
  let room;
  try {
    room = host.admit('logs', 200_000);
    await host.consume('logs', { body: RECORD });
    return true;
  } catch {
    return false;
  } finally {
    room?.release();
  }
}

const outcomeOf = (error: unknown) =>
  (error as { retryable?: boolean }).retryable === true ? 'retryable' : 'permanent';

async function deliver({ bytes }: Outgoing): Promise<void> {
  await edges().deliver(Uint8Array.from(bytes));
}

/** The first and the third are as they should be. */
export default [
  receiver('fair_receiver', (host) => async (signal, request) => {
    let body;
    try {
      body = host.admit(signal, request.length);
      body.append(request);
      await host.consume(signal, { body });
      return 'accepted';
    } catch (error) {
      body?.release();
      return outcomeOf(error);
    }
  }),
  receiver('answers_early', (host) => (signal, request) => {
    host.consume(signal, { body: request }).catch(() => undefined);
    return Promise.resolve('accepted');
  }),
  exporter('fair_exporter', () => ({ send: deliver })),
  exporter('acknowledges_unsent', () => {
    const waiting: Outgoing[] = [];
    return {
      send: (payload) => Promise.resolve(void waiting.push({ ...payload, bytes: Uint8Array.from(payload.bytes) })),
      shutdown: async () => {
        for (const payload of waiting.splice(0)) await deliver(payload);
      },
    };
  }),
  queuedExporter('queued_exporter', () => ({ send: deliver })),
  queuedExporter('forgetful_exporter', () => {
    const waiting: Uint8Array[] = [];
    return {
      send: ({ bytes }) => Promise.resolve(void waiting.push(Uint8Array.from(bytes))),
      shutdown: async () => {
        for (const bytes of waiting.splice(0)) await edges().deliver(bytes);
      },
    };
  }),
  exporter('sends_twice', () => ({
    async send(payload) {
      await deliver(payload);
      await deliver(payload);
    },
  })),
  exporter('hides_refusals', () => ({ send: (payload) => deliver(payload).catch(() => undefined) })),
  exporter('throws_anything', () => ({
    send: (payload) => deliver(payload).catch(() => Promise.reject(new TypeError('undefined is not a function'))),
  })),
  source('fair_source', (host) => makeOne(host).then(() => false)),
  source('gives_up', async (host) => !(await makeOne(host))),
  source('forgets_bodies', (host) => {
    try {
      host.admit('logs', 1).append(RECORD);
    } catch {
      // There is no room for more of them.
    }
    return makeOne(host).then(() => false);
  }),
  receiver('keeps_bodies', (host) => async (signal, request) => {
    const body = host.admit(signal, request.length);
    body.append(request);
    try {
      await host.consume(signal, { body: request });
      return 'accepted';
    } catch (error) {
      return outcomeOf(error);
    }
  }),
];
