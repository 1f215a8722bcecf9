import { ComponentError, type Kind, messageOf, type Signal, type StepTools } from '@millrace/api';
import type { ResolvedComponent } from '@millrace/config';
import { silentLogger } from './silent-logger.ts';

/**
 * Makes each pure half once on the main thread, so that what is wrong with it is said at start (and by `validate`),
 * before any worker has to.
 */
export function probeTransform(processor: ResolvedComponent<'processor'>, signal: Signal): void {
  const made = attempt(processor, () => processor.definition.create?.(processor.config, probeTools(processor.id)));
  if (made === undefined || typeof made[signal] !== 'function') refuseSignal(processor, signal);
}

export function probeJunction(
  connector: ResolvedComponent<'connector'>,
  signal: Signal,
  receiving: readonly string[],
): void {
  const made = attempt(connector, () => connector.definition.create?.(connector.config, probeTools(connector.id)));
  if (made === undefined || typeof made[signal] !== 'function') refuseSignal(connector, signal);
  const isTarget = (id: string) =>
    connector.definition.routes.some(({ from, to }) => from === signal && id.split('/', 1)[0] === to);
  for (const id of made.pipelines ?? []) {
    if (isTarget(id) && !receiving.includes(id)) refusePipeline(connector, id, receiving);
  }
}

/** Whether the receiver has a decoder for this config. */
export function probeDecoder(receiver: ResolvedComponent<'receiver'>): boolean {
  return attempt(receiver, () => receiver.definition.decoder?.(receiver.config, probeTools(receiver.id))) !== undefined;
}

/** Whether the exporter has an encoder for this config. */
export function probeEncoder(exporter: ResolvedComponent<'exporter'>): boolean {
  return attempt(exporter, () => exporter.definition.encoder?.(exporter.config, probeTools(exporter.id))) !== undefined;
}

/** Makes a part of a component; what it throws is said together with who threw it. */
export function attempt<T>(component: ResolvedComponent, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof ComponentError) throw error;
    throw new ComponentError(`${describe(component)} cannot be set up: ${messageOf(error)}`, {
      code: 'COMPONENT_SETUP',
      cause: error,
    });
  }
}

function refuseSignal(component: ResolvedComponent<Kind>, signal: Signal): never {
  throw new ComponentError(`${describe(component)} does not work on ${signal}`, {
    code: 'SIGNAL_UNSUPPORTED',
    remedy: `remove it from the ${signal} pipelines`,
  });
}

function refusePipeline(connector: ResolvedComponent<'connector'>, id: string, receiving: readonly string[]): never {
  throw new ComponentError(`${describe(connector)} names the pipeline "${id}", which does not receive from it`, {
    code: 'PIPELINE_UNKNOWN',
    remedy: `name one of ${receiving.join(', ')}, or add "${connector.id}" to the receivers of "${id}"`,
  });
}

function describe(component: ResolvedComponent<Kind>): string {
  return `${component.kind} "${component.id}" (${component.location})`;
}

function probeTools(id: string): StepTools {
  return {
    id,
    count: () => undefined,
    nowUnixNano: () => 0n,
    logger: silentLogger,
    context: undefined,
  };
}
