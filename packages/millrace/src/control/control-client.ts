import { type IncomingMessage, request } from 'node:http';
import { ComponentError, messageOf } from '@millrace/api';
import type { ControlError } from './control-error.ts';
import { type FoundSocket, type Owner, runningSockets, thisOwner } from './socket-place.ts';

/** Which collector is meant. */
export interface WhichCollector {
  /** Path of its socket. */
  readonly socket?: string;
  readonly pid?: number;
}

/** Talks to a running collector over its control socket. */
export class ControlClient {
  readonly socket: string;

  constructor(socket: string) {
    this.socket = socket;
  }

  /**
   * The one that is named, or the only one that runs: in the directory that this user's next one would get, else elsewhere.
   * Throws a ComponentError where that is not clear.
   */
  static async find({ socket, pid }: WhichCollector, owner: Owner = thisOwner()): Promise<ControlClient> {
    if (socket !== undefined) return new ControlClient(socket);
    const running = await runningSockets(owner);
    const all = running.flat();
    const [first, ...others] = pid === undefined ? (running[0] ?? []) : all.filter((each) => each.pid === pid);
    if (first === undefined) throw noCollector(pid, all);
    if (others.length === 0) return new ControlClient(first.path);
    throw new ComponentError(`${others.length + 1} collectors run`, {
      code: 'CONTROL_AMBIGUOUS',
      remedy: `name one: ${[first, ...others].map((each) => `--pid ${each.pid}`).join(' or ')}`,
    });
  }

  /** What a route answers. Throws a ComponentError with what the collector said. */
  async ask(method: 'GET' | 'POST', route: string): Promise<unknown> {
    const response = await this.#send(method, route);
    const body = await textOf(response);
    if (response.statusCode === 200) return JSON.parse(body) as unknown;
    throw refusal(body);
  }

  /** The lines of a route that goes on; they end when `signal` is aborted, or the collector does. */
  async *lines(route: string, signal: AbortSignal): AsyncGenerator<unknown> {
    const response = await this.#send('GET', route);
    if (response.statusCode !== 200) throw refusal(await textOf(response));
    const stop = () => void response.destroy();
    signal.addEventListener('abort', stop);
    try {
      if (signal.aborted) return;
      yield* linesOf(response);
    } catch (error) {
      // The reader stops, or the collector is gone: the stream is over in any case.
      if (!(error instanceof Error && 'code' in error)) throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      response.destroy();
    }
  }

  #send(method: string, path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: this.socket, method, path, agent: false }, resolve);
      sent.once('error', (error) => reject(unreachable(this.socket, error)));
      sent.end();
    });
  }
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<unknown> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    const lines = `${rest}${String(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as unknown;
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) text += String(chunk);
  return text;
}

function refusal(body: string): ComponentError {
  const { code, message, remedy } = JSON.parse(body) as ControlError;
  return new ComponentError(message, { code, ...(remedy === undefined ? {} : { remedy }) });
}

function noCollector(pid: number | undefined, running: readonly FoundSocket[]): ComponentError {
  const message = pid === undefined ? 'no collector of yours runs' : `no collector of yours runs as process ${pid}`;
  const others = running.map((each) => each.pid).join(', ');
  return new ComponentError(message, {
    code: 'CONTROL_NONE',
    remedy:
      others === ''
        ? 'start one with millrace run; one of another user, or with a service.control.path, needs --socket PATH'
        : `there are: ${others}`,
  });
}

function unreachable(socket: string, error: Error): ComponentError {
  const { code } = error as NodeJS.ErrnoException;
  const remedy =
    code === 'EACCES' || code === 'EPERM'
      ? 'it belongs to another user: run this as that user'
      : 'look whether the collector runs, and where (it logs "control socket" at its start)';
  return new ComponentError(`cannot reach ${socket}: ${messageOf(error)}`, { code: 'CONTROL_UNREACHABLE', remedy });
}
