import { ComponentError } from '@millrace/api';
import type { Clock, ComponentHost, ComponentStatus, Kind, Logger, MemoryUse } from '@millrace/api';
import type { Arena, StepFault } from '@millrace/workers';
import { withFields } from './log-writer.ts';
import type { Machine } from './machine.ts';
import type { StallWatch } from './stall-watch.ts';
import type { StatusBoard } from './status-board.ts';
import type { RequestRoom } from './request-room.ts';
import { StorageNode } from './storage-node.ts';
import type { ComponentCosts } from './telemetry/component-costs.ts';
import type { SelfTelemetry } from './telemetry/self-telemetry.ts';

/** What all components share. */
export interface Surroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: SelfTelemetry;
  readonly status: StatusBoard;
  readonly stalls: StallWatch;
  readonly arena: Arena;
  readonly room: RequestRoom;
  readonly version: string;
  readonly machine: Machine;
  readonly costs: ComponentCosts;
  /** Told of what steps throw. */
  readonly onStepFault?: (fault: StepFault) => void;
  /** Running extensions by id. */
  readonly extensions: ReadonlyMap<string, unknown>;
  /** Who speaks for a component, by {@link tenureKey}. */
  readonly tenures: Map<string, Tenure>;
}

/** The time in which a component speaks for its id: until a reload has another one take its place. */
export interface Tenure {
  isOver: boolean;
}

export function tenureKey(kind: Kind, id: string): string {
  return `${kind} ${id}`;
}

function tenureOf({ tenures }: Surroundings, kind: Kind, id: string): Tenure {
  const key = tenureKey(kind, id);
  const tenure = tenures.get(key) ?? { isOver: false };
  tenures.set(key, tenure);
  return tenure;
}

/** The part of a host that every kind of component gets. */
export function hostOf(
  around: Surroundings,
  kind: Kind,
  id: string,
  fields: Record<string, unknown> = {},
): ComponentHost {
  const logger = withFields(around.logger, { kind, component: id, ...fields });
  const tenure = tenureOf(around, kind, id);
  return {
    id,
    logger,
    clock: around.clock,
    telemetry: around.telemetry,
    version: around.version,
    extension: (name) => {
      const found = around.extensions.get(name);
      return found instanceof StorageNode ? undefined : found;
    },
    state: (storage) => storageOf(around.extensions, storage).state([kind, id, ...Object.values(fields)].join(' ')),
    memory: () => memoryUse(around.arena),
    reportStatus: (status: ComponentStatus, message?: string) => {
      if (!tenure.isOver) around.status.set({ kind, id, status, message }, logger);
    },
    announce: (what, place) => {
      if (!tenure.isOver) around.status.announce({ kind, id, what, place });
    },
  };
}

/** The running storage with this id. Throws a ComponentError where there is none. */
export function storageOf(extensions: ReadonlyMap<string, unknown>, id: string): StorageNode {
  const found = extensions.get(id);
  if (found instanceof StorageNode) return found;
  throw new ComponentError(`there is no running storage "${id}"`, {
    code: 'STORAGE_UNAVAILABLE',
    remedy: 'Define a storage extension such as file_storage, and add it to service.extensions.',
  });
}

function memoryUse(arena: Arena): MemoryUse {
  return {
    rss: process.memoryUsage.rss(),
    heapUsed: process.memoryUsage().heapUsed,
    inFlight: arena.bytesInFlight,
    inFlightMax: arena.bytesInFlightMax,
  };
}
