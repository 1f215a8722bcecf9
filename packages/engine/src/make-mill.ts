import type { Clock, Logger } from '@millrace/api';
import type { ResolvedConfig } from '@millrace/config';
import { type Arena, createMill, type GrindReport, type Mill, type StepFault } from '@millrace/workers';
import { isolatedPlugins } from './isolated-plugins.ts';
import type { ComponentCosts } from './telemetry/component-costs.ts';

export interface MillSurroundings {
  readonly clock: Clock;
  readonly arena: Arena;
  readonly logger: Logger;
  readonly costs: ComponentCosts;
  /** Called for what steps throw. */
  readonly onStepFault?: (fault: StepFault) => void;
}

/** The mill of one configuration. */
export function makeMill(config: ResolvedConfig, { clock, arena, logger, costs, onStepFault }: MillSurroundings): Mill {
  const { threads, heapMb, deadlineMs } = config.service.workers;
  const isolated = isolatedPlugins(config);
  const onGrind = (report: GrindReport) => {
    costs.add(report.costs);
    if (onStepFault !== undefined) for (const fault of report.failures) onStepFault(fault);
  };
  const now = () => clock.now();
  return createMill({ threads, heapMb, deadlineMs, arena, logger, isolated, now, onGrind });
}
