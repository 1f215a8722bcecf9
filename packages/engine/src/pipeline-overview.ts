import type { Signal } from '@millrace/api';
import type { ResolvedConfig } from '@millrace/config';
import type { DeadLetterPlan, DeadLetterTarget } from './dead-letter-plan.ts';
import { type Guarantee, type Weakness, weaknessOf } from './guarantee.ts';

/** A pipeline as people see it, with what its acknowledgement means. */
export interface PipelineOverview {
  readonly id: string;
  readonly signal: Signal;
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
  readonly guarantee: Guarantee;
  /** Components that weaken the guarantee to `memory`, and how. */
  readonly weakenedBy: ReadonlyMap<string, Weakness>;
  /** Settings that some of them lack for a stronger one: `fsync: true`. */
  readonly strengthenedBy: ReadonlyMap<string, string>;
  /** Exporters that have data on disk before it is acknowledged. */
  readonly storedBy: readonly string[];
  /** Those of them that give it up after some milliseconds of retries, with nothing to take it then. */
  readonly givenUpBy: ReadonlyMap<string, number>;
  /** Exporters that have delivered data before it is acknowledged. */
  readonly deliveredBy: readonly string[];
  /** Where its exporters leave what they give up: an exporter or a directory, by id. */
  readonly deadLetters: ReadonlyMap<string, string>;
  /** Where that goes which its steps cannot digest, or refuse after its sender was answered. */
  readonly stepsDeadLetter: string | undefined;
}

/** What an exporter says of its acknowledgements. */
interface ExporterPromise {
  readonly weakness: Weakness | undefined;
  readonly isStored: boolean;
  readonly givesUpAfterMs: number | undefined;
  readonly strengthenedBy: string | undefined;
}

/** Describes every pipeline in the order of the configuration. */
export function describePipelines(
  config: ResolvedConfig,
  exporterPromises: ReadonlyMap<string, ExporterPromise>,
  plan: Pick<DeadLetterPlan, 'exporters' | 'service'>,
): readonly PipelineOverview[] {
  const stepsDeadLetter = plan.service && placeNameOf(plan.service);
  return [...config.pipelines.values()].map((pipeline) => {
    const { id, signal, receivers, processors, exporters } = pipeline;
    const weakenedBy = new Map<string, Weakness>();
    const strengthenedBy = new Map<string, string>();
    const storedBy: string[] = [];
    const givenUpBy = new Map<string, number>();
    const deliveredBy: string[] = [];
    for (const name of processors) {
      const processor = config.processors.get(name);
      const weakness = processor === undefined ? undefined : weaknessOf(processor);
      if (weakness !== undefined) weakenedBy.set(name, weakness);
    }
    for (const name of endsBehind(config, id)) {
      const promise = exporterPromises.get(name);
      const connector = config.connectors.get(name);
      const weakness = connector === undefined ? promise?.weakness : weaknessOf(connector);
      if (promise?.strengthenedBy !== undefined) strengthenedBy.set(name, promise.strengthenedBy);
      if (weakness === 'connector_queue') strengthenedBy.set(name, 'sending_queue.wait_for_result: true');
      if (promise?.givesUpAfterMs !== undefined) givenUpBy.set(name, promise.givesUpAfterMs);
      if (weakness !== undefined) weakenedBy.set(name, weakness);
      else (promise?.isStored === true ? storedBy : deliveredBy).push(name);
    }
    const guarantee: Guarantee = weakenedBy.size > 0 ? 'memory' : 'safe';
    const deadLetters = new Map<string, string>();
    for (const name of exporters) {
      const target = plan.exporters.get(name);
      if (target !== undefined) deadLetters.set(name, placeNameOf(target));
    }
    const own = { guarantee, weakenedBy, strengthenedBy, storedBy, givenUpBy, deliveredBy };
    return { id, signal, receivers, processors, exporters, ...own, deadLetters, stepsDeadLetter };
  });
}

function placeNameOf(target: DeadLetterTarget): string {
  return target.to === 'directory' ? target.place.directory : target.id;
}

/** Everything that takes responsibility for data of a pipeline: exporters, also behind connectors, and connectors that do. */
function endsBehind(config: ResolvedConfig, id: string): Set<string> {
  const found = new Set<string>();
  const pending = [id];
  const seen = new Set(pending);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const name of config.pipelines.get(next)?.exporters ?? []) {
      const connector = config.connectors.get(name);
      if (connector === undefined || weaknessOf(connector) !== undefined) {
        found.add(name);
        continue;
      }
      for (const behind of config.pipelines.values()) {
        if (!behind.receivers.includes(name) || seen.has(behind.id)) continue;
        seen.add(behind.id);
        pending.push(behind.id);
      }
    }
  }
  return found;
}
