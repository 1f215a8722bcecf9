import type { Clock, ComponentHost, ComponentStatus, Kind, Logger, MemoryUse } from '@millrace/api';
import type { Arena } from '@millrace/workers';
import { withFields } from './log-writer.ts';
import type { StatusBoard } from './status-board.ts';
import type { SelfTelemetry } from './telemetry/self-telemetry.ts';

/** What all components share. */
export interface Surroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: SelfTelemetry;
  readonly status: StatusBoard;
  readonly arena: Arena;
  readonly version: string;
  /** Running extensions by id. */
  readonly extensions: ReadonlyMap<string, unknown>;
}

/** The part of a host that every kind of component gets. */
export function hostOf(
  around: Surroundings,
  kind: Kind,
  id: string,
  fields: Record<string, unknown> = {},
): ComponentHost {
  const logger = withFields(around.logger, { kind, component: id, ...fields });
  return {
    id,
    logger,
    clock: around.clock,
    telemetry: around.telemetry,
    version: around.version,
    extension: (name) => around.extensions.get(name),
    memory: () => memoryUse(around.arena),
    reportStatus: (status: ComponentStatus, message?: string) =>
      around.status.set({ kind, id, status, message }, logger),
    announce: (what, place) => around.status.announce({ kind, id, what, place }),
  };
}

function memoryUse(arena: Arena): MemoryUse {
  return {
    rss: process.memoryUsage.rss(),
    heapUsed: process.memoryUsage().heapUsed,
    inFlight: arena.bytesInFlight,
    inFlightMax: arena.bytesInFlightMax,
  };
}
