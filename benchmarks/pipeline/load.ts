import type { ArrivalTotals, LoadCompression, LoadReport, LoadSignal, ShapeName } from '@millrace/load';
import { freshBundle } from '../../scripts/bundle/fresh-bundle.mjs';
import { MeasuredProcess } from './measured-process.ts';

export type Protocol = 'http' | 'grpc';

export interface LoadSettings {
  /** `127.0.0.1:4318`. */
  readonly target: string;
  readonly requests: number;
  readonly batch: number;
  readonly connections: number;
  readonly protocol?: Protocol;
  readonly signal?: LoadSignal;
  readonly shape?: ShapeName;
  readonly compression?: LoadCompression;
  /** Traces of two loads of one process need different ones: samplers would take a repeated trace for late spans. */
  readonly seed?: number;
}

/**
 * Loads a server with `millrace generate`, a process of its own so that its cost is not the measured one: each connection
 * sends its next request as soon as the one before is answered, and again what was refused for now.
 */
export async function load(settings: LoadSettings): Promise<LoadReport> {
  const { target, requests, batch, protocol = 'http', signal = 'logs', connections, ...content } = settings;
  const total = requests * batch;
  const options = { to: `${protocol}://${target}`, total, batch, connections, rate: 'unlimited', output: 'json' };
  const flags = Object.entries({ ...options, ...content }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const generator = new MeasuredProcess([freshBundle(), 'generate', signal, '--retry', ...flags]);
  const report = JSON.parse(await generator.line(/^\{/)) as LoadReport;
  if (report.acknowledged === total) return report;
  throw new Error(`${total - report.acknowledged} items were not taken: ${JSON.stringify(report.reasons)}`);
}

/** `millrace generate sink`: counts the items that it is sent and does nothing else. */
export class Sink {
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly #counts: string;
  readonly #process: MeasuredProcess;

  private constructor(process: MeasuredProcess, { places: [http, grpc], counts }: Listening) {
    this.#process = process;
    this.httpPort = Number(new URL(http).port);
    this.grpcPort = Number(new URL(grpc).port);
    this.#counts = counts;
  }

  static async start(): Promise<Sink> {
    const listen = ['--listen', 'http://127.0.0.1:0', '--listen', 'grpc://127.0.0.1:0', '--counts', '127.0.0.1:0'];
    const process = new MeasuredProcess([freshBundle(), 'generate', 'sink', ...listen, '--output', 'json']);
    return new Sink(process, JSON.parse(await process.line(/^\{/)) as Listening);
  }

  /** `http://127.0.0.1:4318`. */
  get httpUrl(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  /** Items of all signals that have arrived. */
  async items(): Promise<number> {
    const { items } = (await (await fetch(this.#counts)).json()) as ArrivalTotals;
    return Object.values(items).reduce((sum, count) => sum + count, 0);
  }

  async end(): Promise<void> {
    await this.#process.end('SIGTERM');
  }
}

interface Listening {
  readonly places: readonly [string, string];
  readonly counts: string;
}
