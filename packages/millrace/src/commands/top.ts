import { setTimeout as sleep } from 'node:timers/promises';
import { ControlClient, type WhichCollector } from '../control/control-client.ts';
import type { ControlStatus } from '../control/control-status.ts';
import { paintFor } from '../display/paint.ts';
import { frameLines } from '../display/top/top-frame.ts';
import { topModel, type TopModel } from '../display/top/top-model.ts';
import { printFailure } from './print-failure.ts';
import { TopSession } from './top/top-session.ts';

export interface TopOptions extends WhichCollector {
  /** Prints one frame. */
  readonly once: boolean;
  readonly output: 'text' | 'json';
}

/** Shows what flows through a running collector. The result is the exit code. */
export async function top(options: TopOptions): Promise<number> {
  const { stdin, stdout, stderr } = process;
  try {
    const client = await ControlClient.find(options);
    if (options.output === 'json') return await printJson(client, options);
    if (options.once || !stdout.isTTY || !stdin.isTTY) {
      const columns = stdout.columns || Infinity;
      const lines = frameLines(
        await oneModel(client),
        { columns, lines: Infinity, sort: 'pipeline' },
        paintFor(stdout),
      );
      stdout.write(`${lines.join('\n')}\n`);
      return 0;
    }
    return await new TopSession(client, { input: stdin, output: stdout, stderr }).run();
  } catch (error) {
    printFailure('top', error, stderr);
    return 1;
  }
}

const INTERVAL_MS = 1_000;

async function oneModel(client: ControlClient): Promise<TopModel> {
  const before = (await client.ask('GET', '/status')) as ControlStatus;
  await sleep(INTERVAL_MS);
  return topModel(before, (await client.ask('GET', '/status')) as ControlStatus);
}

/** One frame, or one a second, a JSON object a line. */
async function printJson(client: ControlClient, { once }: TopOptions): Promise<number> {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  process.stdout.once('error', () => abort.abort());
  let before: ControlStatus | undefined;
  for await (const line of client.lines(`/status/stream?interval_ms=${INTERVAL_MS}`, abort.signal)) {
    const now = line as ControlStatus;
    if (before !== undefined) process.stdout.write(`${JSON.stringify(topModel(before, now))}\n`);
    if (before !== undefined && once) return 0;
    before = now;
  }
  return abort.signal.aborted ? 0 : 1;
}
