import type { ConfigNode, MapEntry } from './node.ts';
import type { Origin, Source } from './source.ts';

/** `--set key=value`, taken apart; undefined when there is no `=`. */
export function splitOverride(argument: string): { key: string; valueStart: number } | undefined {
  const equals = argument.indexOf('=');
  return equals === -1 ? undefined : { key: argument.slice(0, equals).trim(), valueStart: equals + 1 };
}

/** The steps of `service.telemetry.logs.level`, or of `service::telemetry::logs::level` where keys have dots. */
export function overridePath(key: string): readonly string[] {
  return key.split(key.includes('::') ? '::' : '.').map((step) => step.trim());
}

/** The configuration that an override stands for: one value below its keys. */
export function overrideNode(path: readonly string[], value: ConfigNode, source: Source): ConfigNode {
  const origin: Origin = { source, offset: 0 };
  let node = value;
  for (const step of path.toReversed()) {
    node = { kind: 'map', origin, entries: new Map([[step, { key: origin, value: node }]]) };
  }
  return node;
}

/** Top-level keys such as `processors::batch::timeout`, which the Collector allows, become maps. */
export function unflatten(root: ConfigNode): readonly ConfigNode[] {
  if (root.kind !== 'map' || !root.entries.keys().some((key) => key.includes('::'))) return [root];
  const layers: ConfigNode[] = [];
  for (const [key, entry] of root.entries) layers.push(nested(key.split('::'), entry, root.origin));
  return layers;
}

function nested(steps: readonly string[], entry: MapEntry, origin: Origin): ConfigNode {
  const [step, ...rest] = steps;
  const value = rest.length === 0 ? entry.value : nested(rest, entry, entry.key);
  return { kind: 'map', origin, entries: new Map([[step, { key: entry.key, value }]]) };
}
