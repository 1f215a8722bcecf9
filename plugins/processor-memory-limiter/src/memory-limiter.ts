import { type ComponentHost, type Gate, retryable } from '@millrace/api';
import { availableMemoryBytes } from './available-memory.ts';

export interface MemoryLimiterSettings {
  /** Milliseconds. */
  readonly check_interval: number;
  readonly limit_mib: number;
  readonly spike_limit_mib: number;
  readonly limit_percentage: number;
  readonly spike_limit_percentage: number;
}

/** Both in bytes: above `soft`, data is refused. */
export interface MemoryLimits {
  readonly hard: number;
  readonly soft: number;
}

const MIB = 1024 * 1024;

/** Without a spike limit, a fifth of the hard limit is kept free. */
const SPIKE_SHARE_DEFAULT = 0.2;

/** The settings' limits in bytes, given the memory that the process may use. */
export function limitsOf(settings: MemoryLimiterSettings, availableBytes: () => number): MemoryLimits {
  if (settings.limit_mib > 0) {
    const hard = settings.limit_mib * MIB;
    const spike = settings.spike_limit_mib > 0 ? settings.spike_limit_mib * MIB : hard * SPIKE_SHARE_DEFAULT;
    return { hard, soft: hard - spike };
  }
  const available = availableBytes();
  const hard = (available * settings.limit_percentage) / 100;
  const spike =
    settings.spike_limit_percentage > 0
      ? (available * settings.spike_limit_percentage) / 100
      : hard * SPIKE_SHARE_DEFAULT;
  return { hard, soft: hard - spike };
}

/**
 * Measures live JavaScript heap plus telemetry buffers when data comes, though not more often than the interval says, and
 * refuses data while they are above the soft limit, when it measures until they are below: where nothing comes, nothing ticks. The resident set is not used: most
 * of it is the runtime itself, and it shrinks late.
 */
export class MemoryLimiter implements Gate {
  readonly #settings: MemoryLimiterSettings;
  readonly #host: ComponentHost;
  readonly #limits: MemoryLimits;
  #usedBytes = 0;
  #refusing = false;
  #measuredMs = Number.NEGATIVE_INFINITY;
  #stopLooking: (() => void) | undefined;

  constructor(settings: MemoryLimiterSettings, host: ComponentHost) {
    this.#settings = settings;
    this.#host = host;
    this.#limits = limitsOf(settings, availableMemoryBytes);
  }

  admit(bytes: number): void {
    const nowMs = this.#host.clock.monotonic();
    if (nowMs - this.#measuredMs >= this.#settings.check_interval) this.#measure(nowMs);
    if (!this.#refusing && this.#usedBytes + bytes <= this.#limits.hard) return;
    throw retryable(`memory limit reached: ${inMib(this.#usedBytes)} MiB of ${inMib(this.#limits.hard)} MiB in use`, {
      code: 'MEMORY_LIMIT',
      retryAfterMs: Math.max(1_000, this.#settings.check_interval),
    });
  }

  shutdown(): void {
    this.#stopLooking?.();
  }

  #measure(nowMs: number): void {
    this.#measuredMs = nowMs;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
    const { heapUsed, inFlight } = this.#host.memory();
    this.#usedBytes = heapUsed + inFlight;
    const refusing = this.#usedBytes > this.#limits.soft;
    if (refusing !== this.#refusing) {
      this.#refusing = refusing;
      const fields = { used_mib: inMib(this.#usedBytes), soft_limit_mib: inMib(this.#limits.soft) };
      if (refusing) this.#host.logger.warn('memory is above the soft limit: refusing data', fields);
      else this.#host.logger.info('memory is below the soft limit again: accepting data', fields);
    }
    if (!refusing) return;
    const { clock } = this.#host;
    this.#stopLooking = clock.after(this.#settings.check_interval, () => this.#measure(clock.monotonic()));
  }
}

function inMib(bytes: number): number {
  return Math.round(bytes / MIB);
}
