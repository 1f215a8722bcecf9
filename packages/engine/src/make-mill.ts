import type { Logger } from '@millrace/api';
import type { WorkersSettings } from '@millrace/config';
import { type Arena, createMill, type Mill } from '@millrace/workers';
import type { ComponentCosts } from './telemetry/component-costs.ts';

/** The mill of one configuration. */
export function makeMill(
  { threads, heapMb, deadlineMs }: WorkersSettings,
  { arena, logger, costs }: { readonly arena: Arena; readonly logger: Logger; readonly costs: ComponentCosts },
): Mill {
  return createMill({ threads, heapMb, deadlineMs, arena, logger, onGrind: (report) => costs.add(report.costs) });
}
