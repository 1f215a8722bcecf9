import type { LogFields, Logger } from '@millrace/api';
import { Arena } from '../arena.ts';
import { createMill } from '../create-mill.ts';
import type { GrindResult, Mill, Part, Priority } from '../mill.ts';
import type { MillSettings } from '../mill-settings.ts';
import type { Branch, Output, Plan, StepSpec } from '../plan.ts';

/** URL of a plugin beside this file. */
export const KITCHEN = new URL('./plugins/kitchen.ts', import.meta.url).href;

export function step(role: StepSpec['role'], type: string, config: unknown = {}, module = KITCHEN): StepSpec {
  return { role, id: `${type}/test`, type, signal: 'logs', module, config };
}

export const transform = (type: string, config: unknown = {}) => step('transform', type, config);

/** A leaf that takes OTLP protobuf. */
export const leaf = (index = 0, contiguous = false): Output => ({
  to: 'leaf',
  leaf: index,
  encoder: undefined,
  contiguous,
});

export function branch(
  transforms: readonly StepSpec[],
  outputs: readonly Output[] = [leaf()],
  pipeline = 'logs',
): Branch {
  return { pipeline, signal: 'logs', transforms, outputs };
}

export function plan(branches: readonly Branch[], more: Partial<Plan> = {}): Plan {
  return { id: 'plan', signal: 'logs', decoder: undefined, validate: true, keepContexts: false, branches, ...more };
}

/** What was logged. */
export class Lines implements Logger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields | undefined }[] = [];
  debug = (message: string, fields?: LogFields) => void this.lines.push({ level: 'debug', message, fields });
  info = (message: string, fields?: LogFields) => void this.lines.push({ level: 'info', message, fields });
  warn = (message: string, fields?: LogFields) => void this.lines.push({ level: 'warn', message, fields });
  error = (message: string, fields?: LogFields) => void this.lines.push({ level: 'error', message, fields });
}

/** A mill with an arena in debug mode. */
export class Fixture {
  readonly arena: Arena;
  readonly mill: Mill;
  readonly logger = new Lines();

  constructor(threads: number, settings: Partial<MillSettings & { bytesInFlightMax: number; shared: boolean }> = {}) {
    const bytesInFlightMax = settings.bytesInFlightMax ?? 64 * 1024 * 1024;
    this.arena = new Arena({ shared: settings.shared ?? threads > 0, bytesInFlightMax, debug: true });
    this.mill = createMill({
      threads,
      heapMb: 48,
      deadlineMs: 10_000,
      arena: this.arena,
      logger: this.logger,
      ...settings,
    });
  }

  async start(...plans: readonly Plan[]): Promise<this> {
    await this.mill.start(plans);
    return this;
  }

  part(bytes: Uint8Array, more: Partial<Part> = {}): Part {
    return { region: this.arena.copy(bytes, 'intake'), form: undefined, context: undefined, ...more };
  }

  /** Grinds, and gives the parts back as the engine does. */
  async grind(parts: readonly Part[], planId = 'plan', priority: Priority = 'normal'): Promise<GrindResult> {
    try {
      return await this.mill.grind(planId, parts, { priority });
    } finally {
      for (const part of parts) part.region.release();
    }
  }

  /** Each payload a part; the result as plain data, everything released. */
  async run(payloads: readonly Uint8Array[], planId = 'plan'): Promise<Seen> {
    return this.seen(
      await this.grind(
        payloads.map((bytes) => this.part(bytes)),
        planId,
      ),
    );
  }

  /** Copies a result out of the arena. */
  seen(result: GrindResult): Seen {
    const leaves = result.leaves.map(({ regions, ...leaf }) => {
      const chunks = regions.map((region) => Uint8Array.from(region.bytes));
      for (const region of regions) region.release();
      return { ...leaf, chunks };
    });
    const parts = result.parts.map(({ items, failedItems, error }) => ({
      items,
      failedItems,
      error: error && {
        code: error.code,
        message: error.message,
        retryable: error.retryable,
        failedItems: error.failedItems,
      },
    }));
    return { parts, leaves, steps: result.steps, counts: result.counts };
  }
}

export interface Seen {
  readonly parts: readonly {
    readonly items: number;
    readonly failedItems: number;
    readonly error:
      | {
          readonly code: string;
          readonly message: string;
          readonly retryable: boolean;
          readonly failedItems: number | undefined;
        }
      | undefined;
  }[];
  readonly leaves: readonly (Omit<GrindResult['leaves'][number], 'regions'> & { readonly chunks: Uint8Array[] })[];
  readonly steps: GrindResult['steps'];
  readonly counts: GrindResult['counts'];
}

/** The chunks of one leaf. */
export function chunksOf(seen: Seen, leaf = 0): Uint8Array[] {
  return seen.leaves.filter((each) => each.leaf === leaf).flatMap((each) => each.chunks);
}
