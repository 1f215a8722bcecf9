import type { Logger } from '@millrace/api';
import type { ResolvedConfig } from '@millrace/config';
import { type Arena, createMill, type GrindReport, type Mill } from '@millrace/workers';
import { isolatedPlugins } from './isolated-plugins.ts';
import type { ComponentCosts } from './telemetry/component-costs.ts';

/** The mill of one configuration. */
export function makeMill(
  config: ResolvedConfig,
  { arena, logger, costs }: { readonly arena: Arena; readonly logger: Logger; readonly costs: ComponentCosts },
): Mill {
  const { threads, heapMb, deadlineMs } = config.service.workers;
  const isolated = isolatedPlugins(config);
  const onGrind = (report: GrindReport) => costs.add(report.costs);
  return createMill({ threads, heapMb, deadlineMs, arena, logger, isolated, onGrind });
}
