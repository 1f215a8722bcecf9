import os from 'node:os';
import { type MessagePort, workerData } from 'node:worker_threads';
import type { DetectionSettings } from '../detection-settings.ts';
import { HttpAsker } from './asker.ts';
import { askServices, type ServiceName } from './service-detectors.ts';

/** What {@link waitForServices} hands to its thread. */
export interface ThreadTask {
  readonly names: readonly ServiceName[];
  readonly settings: DetectionSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly port: MessagePort;
  /** Becomes 1 once the answers are in the port. */
  readonly done: Int32Array<SharedArrayBuffer>;
}

const { names, settings, env, timeoutMs, port, done } = workerData as ThreadTask;
const asker = new HttpAsker(AbortSignal.timeout(timeoutMs));
port.postMessage(await askServices(names, { asker, env, hostname: os.hostname(), settings }));
Atomics.store(done, 0, 1);
Atomics.notify(done, 0);
