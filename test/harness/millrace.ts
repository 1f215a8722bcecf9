import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { atEndOf, type Lifetime } from './cleanup.ts';
import { EventLog } from './event-log.ts';
import { eventually } from './eventually.ts';
import { freshBundle } from '../../scripts/bundle/fresh-bundle.mjs';
import { type Exposition, parseExposition } from './prometheus.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const REPOSITORY = join(import.meta.dirname, '..', '..');
/** The collector as it is installed. */
export const BIN = freshBundle();
/** The pinned Node, whichever one runs the tests. */
export const NODE = join(REPOSITORY, 'node_modules', 'node', 'bin', 'node');

/**
 * Runs the collector such that file permissions hold for it, as they do for everybody but root. Undefined where this
 * cannot be had.
 */
export const WITHOUT_PRIVILEGES: readonly string[] | undefined = withoutPrivileges();

function withoutPrivileges(): readonly string[] | undefined {
  if (process.getuid?.() !== 0) return [NODE, BIN];
  const drop = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'];
  return spawnSync(drop[0], [...drop.slice(1), 'true']).status === 0 ? [...drop, NODE, BIN] : undefined;
}

/** A line of the collector's own log. */
export interface LogLine {
  readonly level: string;
  readonly ts: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface LaunchSettings {
  readonly env?: Readonly<Record<string, string>>;
  /** Working folder; one of its own by default. */
  readonly cwd?: string;
  readonly lifetime?: Lifetime;
  /** What is run; `node bin/millrace.mjs` by default. */
  readonly command?: readonly string[];
}

/** A process under test. It is killed at the end of its lifetime if it still runs. */
export class Program {
  readonly cwd: string;
  /** Whole lines of both outputs, as they come. */
  readonly stdout = new EventLog<string>();
  readonly stderr = new EventLog<string>();
  /** Those lines of the standard error that are JSON objects. */
  readonly log = new EventLog<LogLine>();
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #raw = new EventLog<string>();

  constructor(args: readonly string[], settings: LaunchSettings = {}) {
    const { env = {}, lifetime = 'test', command = [NODE, BIN] } = settings;
    this.cwd = settings.cwd ?? temporaryFolder(lifetime);
    const [program = '', ...first] = command;
    const child = spawn(program, [...first, ...args], {
      cwd: this.cwd,
      env: { PATH: process.env['PATH'], HOME: this.cwd, NO_COLOR: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that what it starts can be killed with it.
      detached: true,
    });
    this.#child = child;
    const killGroup = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nobody is left.
      }
    };
    process.on('exit', killGroup);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => this.#raw.add(chunk));
    createInterface({ input: child.stdout }).on('line', (line) => this.stdout.add(line));
    createInterface({ input: child.stderr }).on('line', (line) => this.#onErrorLine(line));
    this.exited = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        process.off('exit', killGroup);
        const reason = new Error(`the process ended with ${code ?? signal}:\n${this.output}`);
        for (const log of [this.#raw, this.stdout, this.stderr, this.log]) log.end(reason);
        resolve({ code, signal });
      });
    });
    atEndOf(lifetime, async () => {
      killGroup();
      await this.exited;
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Everything that it wrote, for messages and for looking for words. */
  get output(): string {
    return [...this.stdout.entries, ...this.stderr.entries].join('\n');
  }

  /** Everything that it wrote to its standard output so far, whole lines or not, without the colours of a terminal. */
  text(): string {
    // oxlint-disable-next-line no-control-regex
    return this.#raw.entries.join('').replaceAll(/\u001B\[[0-9;]*[A-Za-z]/g, '');
  }

  /** Waits until that matches. */
  async shows(pattern: RegExp): Promise<void> {
    await this.#raw.find(() => pattern.test(this.text()));
  }

  /** Writes to its standard input. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Closes both outputs, as a terminal that goes away does: what is written from now on fails with EPIPE. */
  hangUp(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.signal(signal);
    return this.exited;
  }

  /** The log line with this message, old or new. */
  async logged(message: string | RegExp, fits: (line: LogLine) => boolean = () => true): Promise<LogLine> {
    return this.log.find(
      (line) => (typeof message === 'string' ? line.msg === message : message.test(line.msg)) && fits(line),
    );
  }

  #onErrorLine(line: string): void {
    this.stderr.add(line);
    if (!line.startsWith('{')) return;
    this.log.add(JSON.parse(line) as LogLine);
  }
}

/** A collector that runs. */
export class Millrace extends Program {
  readonly #config: string;
  #places: readonly string[] = [];
  #metrics = '';

  /** @param config its configuration, to tell the places where it listens from those that it was told to send to. */
  constructor(args: readonly string[], config: string, settings: LaunchSettings = {}) {
    super(args, settings);
    this.#config = config;
  }

  async ready(): Promise<this> {
    const line = await this.logged('ready');
    this.#places = line['places'] as readonly string[];
    this.#metrics = (line['metrics'] as string | undefined) ?? '';
    return this;
  }

  get places(): readonly string[] {
    return this.#places;
  }

  /** `http://127.0.0.1:40001` of the receiver (or extension) that announced itself as the `index`th to speak HTTP. */
  http(index = 0): string {
    return this.#place('http', index);
  }

  /** As {@link http}, of the last one: receivers come after extensions. */
  receiverHttp(): string {
    return this.places.findLast((place) => place.startsWith('http://')) ?? '';
  }

  /** `127.0.0.1:40001` of the `index`th gRPC server. */
  grpc(index = 0): string {
    return this.#place('grpc', index).slice('grpc://'.length);
  }

  get metricsAddress(): string {
    return this.#metrics;
  }

  /** What Prometheus would see now. */
  async scrape(): Promise<Exposition> {
    const response = await fetch(this.#metrics);
    if (!response.ok) throw new Error(`${this.#metrics} answered ${response.status}`);
    return parseExposition(await response.text());
  }

  /** Waits until the series of a metric that have `labels` add up to something that fits. */
  async metric(
    name: string,
    labels: Readonly<Record<string, string>>,
    fits: (value: number) => boolean,
  ): Promise<number> {
    return eventually(`${name} ${JSON.stringify(labels)}`, async () => {
      const value = (await this.scrape()).sum(name, labels);
      if (fits(value)) return value;
      throw new Error(`it is ${value}`);
    });
  }

  #place(scheme: string, index: number): string {
    const listening = this.#places.filter((place) => place.startsWith(`${scheme}://`) && !this.#config.includes(place));
    const found = listening[index];
    if (found === undefined) throw new Error(`no ${scheme} place ${index} among ${this.#places.join(', ')}`);
    return found;
  }
}

export interface CollectorSettings extends LaunchSettings {
  /** Worker threads; without, everything runs inline. */
  readonly threads?: number;
  /** Further arguments. */
  readonly args?: readonly string[];
}

/** A collector with a configuration; its metrics have a free port. Does not wait for anything. */
export function launchCollector(yaml: string, settings: CollectorSettings = {}): Millrace {
  const { threads = 0, args = [], lifetime = 'test' } = settings;
  const cwd = settings.cwd ?? temporaryFolder(lifetime);
  const common = join(cwd, 'common.yaml');
  const own = join(cwd, 'config.yaml');
  const readers = '[{ pull: { exporter: { prometheus: { host: 127.0.0.1, port: 0 } } } }]';
  writeFileSync(
    common,
    `service:\n  workers: { threads: ${threads} }\n  telemetry: { metrics: { readers: ${readers} } }\n`,
  );
  writeFileSync(own, yaml);
  return new Millrace(['--config', common, '--config', own, ...args], yaml, { ...settings, cwd });
}

/** A collector with a configuration, once it is ready. */
export async function startCollector(yaml: string, settings: CollectorSettings = {}): Promise<Millrace> {
  return launchCollector(yaml, settings).ready();
}

/** Runs a command to its end. */
export async function runMillrace(
  args: readonly string[],
  settings: LaunchSettings & { readonly input?: string } = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const program = new Program(args, settings);
  const { code } = await program.exited;
  return { code, stdout: program.stdout.entries.join('\n'), stderr: program.stderr.entries.join('\n') };
}
