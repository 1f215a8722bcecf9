import { ComponentError } from '@millrace/api';
import { parseDuration } from '@millrace/config';
import { silentLogger, systemClock } from '@millrace/engine';
import {
  type LoadClient,
  type LoadCompression,
  LoadRequests,
  type LoadSignal,
  openLoadClient,
  parseRate,
  Schedule,
  type ShapeName,
  shapeOf,
} from '@millrace/load';
import { version } from '../../version.ts';
import { loadTarget, type TargetOptions } from './load-target.ts';

/** What the command line says of a load. */
export interface GenerateOptions extends TargetOptions {
  readonly rate: string;
  readonly duration?: string;
  /** Items in all. */
  readonly total?: number;
  readonly batch: number;
  readonly connections: number;
  readonly compression: LoadCompression;
  readonly shape: ShapeName;
  /** Bytes of a body. */
  readonly size?: number;
  readonly attributes?: number;
  readonly distinct?: number;
  readonly seed: number;
  readonly timeout: string;
  readonly retry?: boolean;
  /** Where a sink tells its counts. */
  readonly verify?: string;
  readonly settle: string;
  readonly output?: string;
}

/** Throws a ComponentError for a rate or a time that is none. */
export function scheduleOf({ rate, batch, total = Infinity, duration }: GenerateOptions): Schedule {
  const durationMs = duration === undefined ? Infinity : msOf('--duration', duration);
  return new Schedule({ rate: parseRate(rate), batch, total, durationMs });
}

/** Items carry ids of `run` where it is given. Throws a ComponentError for what the signal cannot have. */
export function requestsOf(signal: LoadSignal, options: GenerateOptions, run: string | undefined): LoadRequests {
  const { shape: name, size, attributes, distinct, batch, seed, compression } = options;
  if (size !== undefined && signal === 'metrics') {
    throw new ComponentError('--size: data points have no body', {
      code: 'SIZE_INVALID',
      remedy: 'make them larger with --attributes or --shape',
    });
  }
  const shape = shapeOf(name, signal, {
    ...(size === undefined ? {} : { bodyBytes: size }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(distinct === undefined ? {} : { distinct }),
  });
  const now = () => Date.now();
  return new LoadRequests({ signal, batch, shape, seed, compression, now, ...(run === undefined ? {} : { run }) });
}

/** One for each connection. Throws a ComponentError or a ConfigErrors. */
export async function clientsOf(
  signal: LoadSignal,
  options: GenerateOptions,
  timeoutMs: number,
): Promise<LoadClient[]> {
  const { compression, connections } = options;
  const target = await loadTarget(options);
  const settings = { target, signal, compression, timeoutMs, clock: systemClock, logger: silentLogger, version };
  return Promise.all(Array.from({ length: connections }, () => openLoadClient(settings)));
}

/** Milliseconds of an option's value. Throws a ComponentError. */
export function msOf(option: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 0) return ms;
  throw new ComponentError(`${option} ${text}: is no time`, { code: 'TIME_INVALID', remedy: 'write it as 30s or 5m' });
}
