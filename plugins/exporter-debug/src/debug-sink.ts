import { type ExporterHost, messageOf, type Outgoing, retryable, type Sink } from '@millrace/api';
import { decodeShown, type Shown } from './debug-encoder.ts';
import type { DebugExporterConfig } from './index.ts';
import { Sampler } from './sampler.ts';
import { openOutput, type TextOutput } from './text-output.ts';

/** Prints what the encoder has made, one batch at a time. */
export class DebugSink implements Sink {
  readonly guarantee = 'memory';
  readonly #settings: DebugExporterConfig;
  readonly #host: ExporterHost;
  readonly #sampler: Sampler;
  readonly #openOutput: (path: string) => Promise<TextOutput>;
  #outputs: readonly TextOutput[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(settings: DebugExporterConfig, host: ExporterHost, open = openOutput) {
    this.#settings = settings;
    this.#host = host;
    this.#sampler = new Sampler(settings, host.clock);
    this.#openOutput = open;
  }

  async start(): Promise<void> {
    const { use_internal_logger, output_paths } = this.#settings;
    if (use_internal_logger) return;
    const outputs: TextOutput[] = [];
    try {
      for (const path of output_paths ?? ['stdout']) {
        outputs.push(await this.#openOutput(path));
        this.#host.announce('writes', path);
      }
    } finally {
      this.#outputs = outputs;
    }
  }

  send({ signal, bytes }: Outgoing): Promise<void> {
    if (!this.#sampler.admits(signal)) return Promise.resolve();
    const shown = decodeShown(bytes);
    const { use_internal_logger } = this.#settings;
    if (use_internal_logger) {
      this.#log(shown);
      return Promise.resolve();
    }
    const printed = this.#last.then(() => this.#print(shown));
    this.#last = printed.catch(() => {});
    return printed;
  }

  async shutdown(): Promise<void> {
    await this.#last;
    const outputs = this.#outputs;
    this.#outputs = [];
    for (const output of outputs) await output.close();
  }

  #log({ title, counts, text }: Shown): void {
    const { logger } = this.#host;
    logger.info(title, counts);
    if (text !== '') logger.info(text.trimEnd());
  }

  async #print({ title, counts, text }: Shown): Promise<void> {
    const fields = Object.entries(counts).map(([name, count]) => `"${name}": ${count}`);
    const all = `${title}\t{${fields.join(', ')}}\n${text}`;
    try {
      for (const output of this.#outputs) await output.write(all);
    } catch (error) {
      throw retryable(`cannot print: ${messageOf(error)}`, { code: 'OUTPUT_WRITE', cause: error });
    }
  }
}
