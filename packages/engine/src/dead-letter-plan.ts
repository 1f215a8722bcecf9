import path from 'node:path';
import { ComponentError, type Signal } from '@millrace/api';
import type { DeadLetterSetting, ResolvedComponent, ResolvedConfig } from '@millrace/config';

/** Where something goes that cannot be delivered. */
export type DeadLetterTarget =
  { readonly to: 'directory'; readonly place: DeadLetterPlace } | { readonly to: 'exporter'; readonly id: string };

export interface DeadLetterPlace {
  /** Absolute. */
  readonly directory: string;
  readonly bytesMax: number;
  readonly whenFull: 'refuse' | 'drop_oldest';
}

/** Who leaves what where, in a configuration. */
export interface DeadLetterPlan {
  /** By exporter id; those that have none are not in it. */
  readonly exporters: ReadonlyMap<string, DeadLetterTarget>;
  /** Of what workers died over, and what is refused after its sender was answered. */
  readonly service: DeadLetterTarget | undefined;
  /** Every directory that is named. */
  readonly places: readonly DeadLetterPlace[];
  /** Every exporter that gets data, by pipelines or as a dead letter, with the signals that it gets. */
  readonly signals: ReadonlyMap<string, ReadonlySet<Signal>>;
  /** The same exporters, in the order in which they are shut down: nobody after it leaves anything to one. */
  readonly waves: readonly (readonly string[])[];
}

const BYTES_MAX_DEFAULT = 1024 ** 3;
/** Everything else is the id of an exporter. */
const IS_PATH = /^\.{0,2}\//;

/** Throws a ComponentError where exporters would leave data to each other in a circle, or to one that cannot take it. */
export function planDeadLetters(config: ResolvedConfig): DeadLetterPlan {
  const places = new Map<string, DeadLetterPlace>();
  const signals = signalsOfPipelines(config);
  // A bare path means the directory as it is described elsewhere.
  for (const setting of settingsOf(config)) if (typeof setting === 'object') placeOf(setting, places);
  const service = targetOf(config.service.deadLetter, places);
  const exporters = new Map<string, DeadLetterTarget>();
  for (const component of config.exporters.values()) {
    const { id } = component;
    const own = ownSetting(component);
    // The dead letter of all others has none itself.
    const isDefault = own === undefined && service?.to === 'exporter' && service.id === id;
    const target = own === undefined ? service : targetOf(own, places);
    if (target !== undefined && !isDefault) exporters.set(id, target);
  }
  for (const id of exporters.keys()) refuseCircle(config, id, exporters);
  if (service?.to === 'exporter') {
    for (const { signal } of config.pipelines.values()) add(signals, service.id, signal);
  }
  // As long as the longest chain, each round passes the signals one exporter on.
  for (let round = 0; round <= exporters.size; round++) {
    for (const [id, target] of exporters) {
      if (target.to === 'exporter') for (const signal of signals.get(id) ?? []) add(signals, target.id, signal);
    }
  }
  for (const [id, all] of signals) refuseSignals(config.exporters.get(id), all);
  return { exporters, service, places: [...places.values()], signals, waves: wavesOf([...signals.keys()], exporters) };
}

function settingsOf({ service, exporters }: ResolvedConfig): (DeadLetterSetting | undefined)[] {
  return [service.deadLetter, ...[...exporters.values()].map(ownSetting)];
}

function ownSetting({ config }: ResolvedComponent<'exporter'>): DeadLetterSetting | undefined {
  return (config as { readonly dead_letter?: DeadLetterSetting }).dead_letter;
}

function signalsOfPipelines(config: ResolvedConfig): Map<string, Set<Signal>> {
  const signals = new Map<string, Set<Signal>>();
  for (const { exporters, signal } of config.pipelines.values()) {
    for (const id of exporters) if (config.exporters.has(id)) add(signals, id, signal);
  }
  return signals;
}

function add(signals: Map<string, Set<Signal>>, id: string, signal: Signal): void {
  signals.set(id, (signals.get(id) ?? new Set()).add(signal));
}

function targetOf(
  setting: DeadLetterSetting | undefined,
  places: Map<string, DeadLetterPlace>,
): DeadLetterTarget | undefined {
  if (setting === undefined || setting === 'none') return undefined;
  if (typeof setting === 'string' && !IS_PATH.test(setting)) return { to: 'exporter', id: setting };
  return { to: 'directory', place: placeOf(setting, places) };
}

function placeOf(
  setting: Exclude<DeadLetterSetting, string> | string,
  places: Map<string, DeadLetterPlace>,
): DeadLetterPlace {
  const directory = path.resolve(typeof setting === 'string' ? setting : setting.directory);
  const known = places.get(directory);
  if (typeof setting === 'string') {
    const place = known ?? { directory, bytesMax: BYTES_MAX_DEFAULT, whenFull: 'refuse' };
    places.set(directory, place);
    return place;
  }
  const place: DeadLetterPlace = { directory, bytesMax: setting.max_size, whenFull: setting.when_full };
  if (known !== undefined && (known.bytesMax !== place.bytesMax || known.whenFull !== place.whenFull)) {
    throw new ComponentError(`the dead letter directory ${directory} is named twice, with different settings`, {
      code: 'DEAD_LETTER_CONFLICT',
      remedy: 'Name it once in service.dead_letter, or with the same max_size and when_full everywhere.',
    });
  }
  places.set(directory, place);
  return place;
}

function refuseCircle(config: ResolvedConfig, start: string, exporters: ReadonlyMap<string, DeadLetterTarget>): void {
  const chain = [start];
  for (let target = exporters.get(start); target?.to === 'exporter'; target = exporters.get(target.id)) {
    const isCircle = chain.includes(target.id);
    chain.push(target.id);
    if (!isCircle) continue;
    const location = config.exporters.get(start)?.location ?? '';
    throw new ComponentError(
      `exporter "${start}" (${location}): dead_letter goes round in a circle: ${chain.join(' -> ')}`,
      { code: 'DEAD_LETTER_CIRCLE', remedy: 'End it: a directory, or dead_letter: none at one of them.' },
    );
  }
}

function refuseSignals(component: ResolvedComponent<'exporter'> | undefined, signals: ReadonlySet<Signal>): void {
  if (component === undefined) return;
  const wrong = [...signals].filter((signal) => !component.definition.signals.includes(signal));
  if (wrong.length === 0) return;
  throw new ComponentError(
    `exporter "${component.id}" (${component.location}) is a dead letter for ${wrong.join(' and ')}, which it does not handle`,
    { code: 'SIGNAL_UNSUPPORTED', remedy: 'Name another exporter, or a directory, which takes every signal.' },
  );
}

function wavesOf(ids: readonly string[], exporters: ReadonlyMap<string, DeadLetterTarget>): string[][] {
  const waves: string[][] = [];
  let rest = [...ids];
  while (rest.length > 0) {
    const targets = new Set(
      rest.flatMap((id) => {
        const target = exporters.get(id);
        return target?.to === 'exporter' ? [target.id] : [];
      }),
    );
    waves.push(rest.filter((id) => !targets.has(id)));
    rest = rest.filter((id) => targets.has(id));
  }
  return waves;
}
