import type { Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import type { ControlClient } from '../../control/control-client.ts';
import type { ControlStatus } from '../../control/control-status.ts';
import { paintFor } from '../../display/paint.ts';
import { frameLines, SORTS, sortedRows, type TopSort } from '../../display/top/top-frame.ts';
import { topModel, type TopModel, type TopRow } from '../../display/top/top-model.ts';
import { tap } from '../tap.ts';
import { type Key, Screen } from './screen.ts';

export interface TopTerminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly stderr: Writable;
}

/** `millrace top` on a terminal: frames once a second, and keys. */
export class TopSession {
  readonly #client: ControlClient;
  readonly #terminal: TopTerminal;
  readonly #screen: Screen;
  readonly #end = new AbortController();
  #model: TopModel | undefined;
  #sort: TopSort = 'pipeline';
  #selected = 0;
  /** Ends the tap that has the screen. */
  #tap: AbortController | undefined;

  constructor(client: ControlClient, terminal: TopTerminal) {
    this.#client = client;
    this.#terminal = terminal;
    this.#screen = new Screen(terminal.input, terminal.output);
  }

  /** The result is the exit code. */
  async run(): Promise<number> {
    const { output, stderr } = this.#terminal;
    const quit = () => this.#quit();
    const resized = () => this.#draw();
    this.#screen.onKey((key) => this.#press(key));
    this.#screen.open();
    output.on('resize', resized);
    for (const signal of SIGNALS) process.on(signal, quit);
    try {
      await this.#follow();
    } finally {
      output.off('resize', resized);
      for (const signal of SIGNALS) process.off(signal, quit);
      this.#screen.close();
    }
    if (this.#end.signal.aborted) return 0;
    stderr.write('millrace top: the collector has ended\n');
    return 1;
  }

  async #follow(): Promise<void> {
    let before: ControlStatus | undefined;
    this.#screen.draw(['reading …']);
    for await (const line of this.#client.lines('/status/stream', this.#end.signal)) {
      const now = line as ControlStatus;
      // The first frame has no rates.
      this.#model = topModel(before ?? now, now);
      before = now;
      this.#draw();
    }
    this.#tap?.abort();
  }

  #draw(): void {
    if (this.#model === undefined || this.#tap !== undefined) return;
    const rows = this.#model.rows.length;
    this.#selected = Math.max(0, Math.min(this.#selected, rows - 1));
    const { size } = this.#screen;
    const settings = { ...size, sort: this.#sort, selected: this.#selected };
    this.#screen.draw(frameLines(this.#model, settings, paintFor(this.#terminal.output)));
  }

  #press(key: Key): void {
    if (this.#tap !== undefined) {
      if (key === 'q' || key === 'escape' || key === 'interrupt') this.#tap.abort();
      return;
    }
    switch (key) {
      case 'q':
      case 'interrupt':
        this.#quit();
        return;
      case 'up':
      case 'k':
        this.#selected--;
        break;
      case 'down':
      case 'j':
        this.#selected++;
        break;
      case 's':
        this.#sort = SORTS[(SORTS.indexOf(this.#sort) + 1) % SORTS.length];
        break;
      case 'enter':
      case 't':
        void this.#tapSelected();
        return;
      default:
        return;
    }
    this.#draw();
  }

  #quit(): void {
    this.#tap?.abort();
    this.#end.abort();
  }

  /** Gives the screen to a tap until a key ends it. */
  async #tapSelected(): Promise<void> {
    const row = this.#model === undefined ? undefined : sortedRows(this.#model, this.#sort)[this.#selected];
    if (row === undefined) return;
    const { output } = this.#terminal;
    const abort = new AbortController();
    this.#tap = abort;
    this.#screen.clear();
    const name = tapName(row);
    output.write(`${paintFor(output).dim(`tap ${name}   (q comes back)`)}\r\n`);
    const options = { socket: this.#client.socket, output: 'pretty', diff: false, signal: [], sample: 1 } as const;
    const code = await tap(name, options, { stdout: output, stderr: output, interrupted: abort.signal });
    // What went wrong can be read until a key is pressed.
    if (code !== 0 && !abort.signal.aborted)
      await new Promise((resolve) => abort.signal.addEventListener('abort', resolve));
    this.#tap = undefined;
    this.#draw();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function tapName({ kind, id, pipeline }: TopRow): string {
  return kind === 'processor' ? `${pipeline}:${id}` : `${kind}:${id}`;
}
