import { parentPort, workerData } from 'node:worker_threads';
import { ComponentError, isRetryable, messageOf } from '@millrace/api';
import type { Logger } from '@millrace/api';
import { copyBlock } from '@millrace/otlp';
import type { GrindOrder } from './grind.ts';
import { installPluginResolver } from './plugin-resolver.ts';
import {
  AT_KIND,
  AT_LEASE,
  AT_PARTS,
  AT_PLAN,
  AT_SLOT,
  encodeGround,
  HEADER_NUMBERS,
  KIND_GRIND,
  KIND_JOB,
  KIND_PROBE,
  PART_NUMBERS,
} from './protocol.ts';
import type { GrindExtras, JobRequest, LogMessage, Reply, ReplyExtras, Request, WorkerData } from './protocol.ts';
import { trimHeapWhenIdle } from './trim-heap.ts';
import { Vitals } from './vitals.ts';
import { Workshop } from './workshop.ts';

const data = workerData as WorkerData;
installPluginResolver();

/** A step that logs for every record would flood the main thread. */
const LINES_PER_SECOND_MAX = 200;
let second = 0;
let lines = 0;

const vitals = new Vitals(data.vitals);
/** Memory of the main thread, by block. */
const buffers = new Map<number, ArrayBufferLike>();
// Awaited, so that Piscina takes the worker for ready when it is; it does not replace those that die before. A failure
// is told with the first request: dying here would look like a crash.
const opened = await Workshop.open({ plans: data.plans, shared: true, loggerOf }).then(
  (workshop) => ({ workshop }),
  (error: unknown) => ({ error }),
);

let requests = 0;
trimHeapWhenIdle(() => requests);

/** Does what the main thread asks for. Never rejects: a rejection would be taken for the worker's death. */
export default async function handle(request: Request): Promise<Reply> {
  requests++;
  for (const [id, buffer] of request.buffers ?? []) buffers.set(id, buffer);
  for (const id of request.forget ?? []) buffers.delete(id);
  try {
    if ('error' in opened) return refuse(opened.error);
    return await serve(opened.workshop, request);
  } catch (error) {
    return refuse(error);
  }
}

async function serve(workshop: Workshop, request: Request): Promise<Reply> {
  const { numbers, more } = request;
  const row = vitals.row(numbers[AT_SLOT]);
  switch (numbers[AT_KIND]) {
    case KIND_GRIND:
      return encodeGround(workshop.grinder.grind(orderOf(workshop, request), row));
    case KIND_PROBE: {
      const { probe } = more as GrindExtras;
      workshop.grinder.probe(orderOf(workshop, request), probe ?? { part: 0, item: -1 }, row);
      return DONE;
    }
    case KIND_JOB: {
      row.open();
      const { job, params } = more as JobRequest;
      const output = await workshop.run(job, stretch(numbers, HEADER_NUMBERS), params);
      return answer({ output: placed(output, stretch(numbers, AT_LEASE)) });
    }
    default:
      return DONE;
  }
}

function orderOf(workshop: Workshop, { numbers, more }: Request): GrindOrder {
  const extras = more as GrindExtras | undefined;
  const plan = workshop.plans[numbers[AT_PLAN]];
  const inputs: Uint8Array[] = [];
  const forms: unknown[] = [];
  const contexts: number[] = [];
  const end = HEADER_NUMBERS + numbers[AT_PARTS] * PART_NUMBERS;
  for (let at = HEADER_NUMBERS; at < end; at += PART_NUMBERS) {
    inputs.push(stretch(numbers, at));
    if (extras === undefined) continue;
    forms.push(extras.forms[numbers[at + 3]]);
    if (plan.plan.keepContexts) contexts.push(numbers[at + 4]);
  }
  return {
    plan,
    inputs,
    forms,
    contexts,
    contextList: extras?.contexts ?? [],
    excluded: extras?.excluded ?? [],
    lease: stretch(numbers, AT_LEASE),
    look: extras?.look,
  };
}

/** A view of three numbers: block, offset, length. Block 0 stands for nothing. */
function stretch(numbers: Int32Array, at: number): Uint8Array {
  if (numbers[at] === 0) return new Uint8Array(0);
  const buffer = buffers.get(numbers[at]);
  if (buffer === undefined) throw new Error(`block ${numbers[at]} was never sent to this worker`);
  return new Uint8Array(buffer, numbers[at + 1], numbers[at + 2]);
}

/** Puts a job's result where the main thread can read it. */
function placed(bytes: Uint8Array, room: Uint8Array): Uint8Array | number {
  if (bytes.length <= room.length) {
    copyBlock(bytes, room, 0);
    return bytes.length;
  }
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copyBlock(bytes, copy, 0);
  return copy;
}

const DONE: Reply = { numbers: new Int32Array(0), more: undefined };

function answer(more: Partial<ReplyExtras>): Reply {
  const none = { failures: [], counts: [], extras: [], captures: [], output: undefined, refusal: undefined };
  return { numbers: DONE.numbers, more: { ...none, ...more } };
}

function refuse(error: unknown): Reply {
  const { code, remedy } = (error ?? {}) as { code?: unknown; remedy?: unknown };
  return answer({
    refusal: {
      component: error instanceof ComponentError,
      code: typeof code === 'string' ? code : 'INTERNAL',
      message: messageOf(error),
      retryable: isRetryable(error),
      remedy: typeof remedy === 'string' ? remedy : undefined,
    },
  });
}

function mayLog(): boolean {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    lines = 0;
  }
  return ++lines <= LINES_PER_SECOND_MAX;
}

function loggerOf(component: string): Logger {
  const write = (log: LogMessage['log']) => (message: string, fields?: LogMessage['fields']) => {
    if (!mayLog()) return;
    const line: LogMessage = { log, component, message, fields };
    try {
      parentPort?.postMessage(line);
    } catch {
      // A field cannot be cloned (a function, say): the message is worth more than its fields.
      parentPort?.postMessage({ ...line, fields: undefined });
    }
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
