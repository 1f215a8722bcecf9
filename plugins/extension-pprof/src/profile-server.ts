import { writeFile } from 'node:fs/promises';
import { ComponentError, type ExtensionHost, type Lifecycle, messageOf } from '@millrace/api';
import {
  type HttpAnswer,
  ExtensionServer,
  type HttpResponse,
  type HttpServerConfig,
  type RequestHead,
} from '@millrace/transport';
import { CpuRecording, HeapSampling } from './profiler.ts';

export interface ProfileConfig extends HttpServerConfig {
  readonly save_to_file: string;
}

const HOME = '/debug/pprof/';
const SECONDS_DEFAULT = 30;
const SECONDS_MAX = 600;

/** Serves `/debug/pprof/`, `/debug/pprof/profile?seconds=N` (one at a time) and `/debug/pprof/heap`. */
export class ProfileServer implements Lifecycle {
  readonly #config: ProfileConfig;
  readonly #host: ExtensionHost;
  readonly #server: ExtensionServer;
  readonly #heap = new HeapSampling();
  #saved: CpuRecording | undefined;
  #endEarly: (() => void) | undefined;

  constructor(config: ProfileConfig, host: ExtensionHost) {
    this.#config = config;
    this.#host = host;
    const answers = new Map<string, HttpAnswer>([
      [HOME, () => ({ status: 200, headers: HTML, body: INDEX })],
      ['/debug/pprof/profile', (head) => this.#profile(head)],
      ['/debug/pprof/heap', async () => file('heap.heapprofile', await this.#heap.profile())],
    ]);
    this.#server = new ExtensionServer({ config, host, answers, home: HOME });
  }

  async start(): Promise<void> {
    await this.#server.start();
    await this.#heap.start();
    if (this.#config.save_to_file === '') return;
    this.#saved = new CpuRecording();
    await this.#saved.start();
  }

  async shutdown(): Promise<void> {
    this.#endEarly?.();
    await this.#server.shutdown();
    await this.#heap.stop();
    await this.#save();
  }

  /** What was recorded since the start. */
  async #save(): Promise<void> {
    const recording = this.#saved;
    this.#saved = undefined;
    if (recording === undefined) return;
    const path = this.#config.save_to_file;
    const profile = await recording.finish();
    try {
      await writeFile(path, JSON.stringify(profile));
    } catch (error) {
      throw new ComponentError(`cannot write the CPU profile to ${path}: ${messageOf(error)}`, {
        code: 'PROFILE_WRITE',
        remedy: 'name a file in a directory that can be written with save_to_file',
        cause: error,
      });
    }
  }

  /** As in Go, a second one at the same time is refused. */
  async #profile({ query }: RequestHead): Promise<HttpResponse> {
    const seconds = Number(new URLSearchParams(query).get('seconds') ?? SECONDS_DEFAULT);
    if (!(seconds > 0 && seconds <= SECONDS_MAX)) return text(400, `seconds must be above 0, at most ${SECONDS_MAX}`);
    if (this.#endEarly !== undefined) return text(500, 'a CPU profile is being taken already: try again later');
    const over = new Promise<void>((resolve) => {
      const cancel = this.#host.clock.after(seconds * 1_000, resolve);
      this.#endEarly = () => {
        cancel();
        resolve();
      };
    });
    try {
      const recording = new CpuRecording();
      await recording.start();
      await over;
      return file('profile.cpuprofile', await recording.finish());
    } finally {
      this.#endEarly = undefined;
    }
  }
}

const HTML = { 'content-type': 'text/html; charset=utf-8' };

const INDEX = `<!doctype html>
<title>/debug/pprof/</title>
<h1>/debug/pprof/</h1>
<p>Profiles of the main thread. Open them in the DevTools of a browser: Performance and Memory.</p>
<ul>
<li><a href="profile?seconds=30">profile</a>: CPU, over the seconds asked for (.cpuprofile)</li>
<li><a href="heap">heap</a>: sampled allocations since the start that are still alive (.heapprofile)</li>
</ul>
`;

function file(name: string, profile: object): HttpResponse {
  const headers = { 'content-type': 'application/json', 'content-disposition': `attachment; filename="${name}"` };
  return { status: 200, headers, body: JSON.stringify(profile) };
}

function text(status: number, message: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `${message}\n` };
}
