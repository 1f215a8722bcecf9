import type { Signal } from '@millrace/api';
import type { ResolvedConfig } from '@millrace/config';

/** The first receiver of the first pipeline of a signal that has one. */
export function firstReceiver(config: ResolvedConfig, signal: Signal): string | undefined {
  return [...config.pipelines.values()]
    .filter((pipeline) => pipeline.signal === signal)
    .flatMap(({ receivers }) => receivers)
    .find((id) => config.receivers.has(id));
}
