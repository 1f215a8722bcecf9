import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { DetectionSettings } from '../detection-settings.ts';
import type { ThreadTask } from './ask-thread.ts';
import type { ServiceAnswers, ServiceName } from './service-detectors.ts';

/** Well below the time after which a worker counts as stuck. */
const WAIT_MS_MAX = 5_000;
/** For the thread to begin and to answer. */
const MARGIN_MS = 1_000;
const ENDING = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/**
 * Asks services and waits for their answers, for `timeout` and at most five seconds: data that passes cannot go on without
 * them. The asking is done on a thread of its own, as this one does not turn its event loop meanwhile.
 */
export function waitForServices(
  names: readonly ServiceName[],
  settings: DetectionSettings,
  env: Readonly<Record<string, string | undefined>>,
): ServiceAnswers {
  const timeoutMs = Math.min(settings.timeout, WAIT_MS_MAX);
  const { port1: ours, port2: port } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const task: ThreadTask = { names, settings, env: { ...env }, timeoutMs, port, done };
  const thread = new Worker(new URL(`./ask-thread${ENDING}`, import.meta.url), {
    workerData: task,
    transferList: [port],
  });
  // Whatever becomes of the thread, what it has not answered is missing; an error without a listener would end the process.
  thread.on('error', () => undefined);
  Atomics.wait(done, 0, 0, timeoutMs + MARGIN_MS);
  const answers = receiveMessageOnPort(ours)?.message as ServiceAnswers | undefined;
  ours.close();
  void thread.terminate();
  return (
    answers ?? { found: {}, failures: Object.fromEntries(names.map((name) => [name, 'it did not answer in time'])) }
  );
}
