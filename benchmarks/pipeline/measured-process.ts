import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** The clock ticks of /proc (USER_HZ), the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

const TAIL_LINES_MAX = 20;

export interface ProcessSettings {
  /** Default: this Node. */
  readonly command?: string;
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A child process whose cost the operating system accounts. */
export class MeasuredProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting: { readonly resolve: (line: string) => void; readonly reject: (error: Error) => void }[] = [];
  readonly #exit: Promise<number | null>;
  /** The last of its output, for the error when it ends too early. */
  readonly #tail: string[] = [];
  #ended: Error | undefined;

  constructor(args: readonly string[], { command = process.execPath, env, ...options }: ProcessSettings = {}) {
    this.#child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...options,
    });
    // A command that cannot be run emits no 'exit'.
    this.#child.once('error', (error) => this.#tail.push(error.message));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface(stream).on('line', (line) => this.#onLine(line));
    }
    this.#exit = new Promise((resolve) => this.#child.once('close', resolve));
    // 'close' comes when the output has been read, too.
    this.#child.once('close', (code, signal) => {
      const how = signal ?? `code ${code}`;
      this.#ended = new Error(`${args.join(' ')} ended (${how}) and printed:\n${this.tail}`);
      for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
    });
  }

  /** CPU seconds of all threads, user and system, since the start. */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** Resident memory in MiB: the present one, or the peak. */
  rssMib(which: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'latin1');
    return Number(new RegExp(`${which}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1_024;
  }

  /** The next line that it prints. Rejects, with its output, if it ends before that. */
  async line(matching = /./): Promise<string> {
    for (;;) {
      const line = this.#lines.shift() ?? (await this.#nextLine());
      if (matching.test(line)) return line;
    }
  }

  /** The last lines of its output. */
  get tail(): string {
    return this.#tail.join('\n');
  }

  throwIfEnded(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  /** The next line that it prints after a signal. */
  async answer(signal: NodeJS.Signals): Promise<string> {
    const line = this.line();
    this.#child.kill(signal);
    return line;
  }

  async end(signal: NodeJS.Signals | undefined): Promise<number | null> {
    if (signal !== undefined) this.#child.kill(signal);
    return this.#exit;
  }

  #nextLine(): Promise<string> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #onLine(line: string): void {
    this.#tail.push(line);
    if (this.#tail.length > TAIL_LINES_MAX) this.#tail.shift();
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#lines.push(line);
    else waiting.resolve(line);
  }
}

/** The line of a process's output that says why it ended: that of a Node program's error, or else the last. */
export function reasonIn(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = message.trim().split('\n');
  return lines.find((line) => /^\w*Error\b.*:/.test(line)) ?? lines.at(-1) ?? message;
}
