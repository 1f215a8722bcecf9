import { isDeepStrictEqual } from 'node:util';
import { ComponentError } from '@millrace/api';
import type { ResolvedConfig } from '@millrace/config';
import { sharesMemory } from '../isolated-plugins.ts';

/** Every difference that only a restart can bring about, by the name of its setting. */
export function restartNeeds(before: ResolvedConfig, after: ResolvedConfig): readonly string[] {
  return [...serviceNeeds(before, after), ...memoryNeeds(before, after), ...storageNeeds(before, after)];
}

/** Throws a ComponentError that names them all. */
export function refuseRestartNeeds(before: ResolvedConfig, after: ResolvedConfig): void {
  const needs = restartNeeds(before, after);
  if (needs.length === 0) return;
  throw new ComponentError(`cannot be changed while the collector runs: ${needs.join(', ')}`, {
    code: 'RELOAD_NEEDS_RESTART',
    remedy: 'restart the collector, or take this change back; until then the old configuration stays in effect',
  });
}

function* serviceNeeds({ service: a }: ResolvedConfig, { service: b }: ResolvedConfig): Generator<string> {
  if (!isDeepStrictEqual(a.telemetry.metrics, b.telemetry.metrics)) yield 'service.telemetry.metrics';
  const resources = [a, b].map(({ telemetry }) => [telemetry.resource, telemetry.resourceRemoved]);
  if (!isDeepStrictEqual(resources[0], resources[1])) yield 'service.telemetry.resource';
  if (a.bytesInFlightMax !== b.bytesInFlightMax) yield 'service.bytes_in_flight_max';
  if (!isDeepStrictEqual(a.control, b.control)) yield 'service.control';
  // Memory is shared with workers, or it is not.
  if ((a.workers.threads === 0) !== (b.workers.threads === 0)) yield 'service.workers.threads to or from 0';
}

/** Without any worker, memory is not shared with one. */
function* memoryNeeds(before: ResolvedConfig, after: ResolvedConfig): Generator<string> {
  const { threads } = after.service.workers;
  if (threads === 0 && !sharesMemory(before) && sharesMemory(after))
    yield 'isolation of a plugin where there were no workers';
}

/** A store is open for as long as queues and states are in it. */
function* storageNeeds(before: ResolvedConfig, after: ResolvedConfig): Generator<string> {
  for (const id of after.service.extensions) {
    const is = after.extensions.get(id);
    const was = before.service.extensions.includes(id) ? before.extensions.get(id) : undefined;
    if (is?.definition.storage === undefined || was?.definition.storage === undefined) continue;
    if (!isDeepStrictEqual(was.config, is.config)) yield `the storage "${id}"`;
  }
}
