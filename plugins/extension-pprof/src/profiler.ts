import { type Profiler as CpuProfiler, Session } from 'node:inspector/promises';

/** Mean distance of sampled allocations, as Go's; what it costs is not measurable. */
const HEAP_SAMPLE_BYTES = 512 * 1024;

/** A CPU profile of this thread in the making. */
export class CpuRecording {
  readonly #session = new Session();

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.start');
  }

  /** The profile, as a `.cpuprofile` file holds it. */
  async finish(): Promise<CpuProfiler.Profile> {
    try {
      const { profile } = await this.#session.post('Profiler.stop');
      return profile;
    } finally {
      this.#session.disconnect();
    }
  }
}

/** Samples what is allocated on this thread's heap and still alive, from `start` on. */
export class HeapSampling {
  #session: Session | undefined;

  async start(): Promise<void> {
    this.#session = new Session();
    this.#session.connect();
    await this.#session.post('HeapProfiler.startSampling', { samplingInterval: HEAP_SAMPLE_BYTES });
  }

  /** What is there now, as a `.heapprofile` file holds it. */
  async profile(): Promise<object> {
    if (this.#session === undefined) throw new Error('heap sampling has not been started');
    const { profile } = await this.#session.post('HeapProfiler.getSamplingProfile');
    return profile;
  }

  async stop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    await session.post('HeapProfiler.stopSampling');
    session.disconnect();
  }
}
