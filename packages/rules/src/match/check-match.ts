import type { ConfigFault } from '@millrace/api';
import { compilePattern } from '@millrace/pattern';
import type { AttributeMatch, MatchProperties, MatchSettings, MatchType } from './match-settings.ts';
import { SPAN_KINDS } from './span-rule.ts';

type Key = keyof MatchProperties;
type Path = readonly (string | number)[];
export type MatchedSignal = 'logs' | 'traces' | 'metrics';

/** The keys that mean something for each signal, by the Collector's rules: others are refused there. */
const USABLE: Readonly<Record<MatchedSignal, readonly Key[]>> = {
  logs: ['log_bodies', 'log_severity_texts', 'log_severity_number', 'attributes', 'resources', 'libraries'],
  traces: ['services', 'span_names', 'span_kinds', 'attributes', 'resources', 'libraries'],
  metrics: ['metric_names', 'resources'],
};
const CRITERIA = [...new Set(Object.values(USABLE).flat())];

/** Whether the settings can be used for a signal: with the criteria that they have, it would work in the Collector. */
export function matchSupports({ include, exclude }: MatchSettings, signal: MatchedSignal): boolean {
  return [include, exclude].every(
    (properties) => properties === undefined || usedCriteria(properties).every((key) => USABLE[signal].includes(key)),
  );
}

/** Faults of `include` and `exclude`. `signals`: those that the processor works on; at least one must be able to use them. */
export function checkMatch(
  settings: MatchSettings,
  path: Path,
  signals: readonly MatchedSignal[] = ['logs', 'traces', 'metrics'],
): ConfigFault[] {
  const faults = (['include', 'exclude'] as const).flatMap((side) => {
    const properties = settings[side];
    return properties === undefined ? [] : checkProperties(properties, [...path, side], signals);
  });
  if (faults.length > 0 || signals.some((signal) => matchSupports(settings, signal))) return faults;
  const message = 'include and exclude have no signal in common that could be matched against both';
  return [{ path: [...path, 'exclude'], message, remedy: 'use one processor for each signal' }];
}

function usedCriteria(properties: MatchProperties): Key[] {
  return CRITERIA.filter((key) => {
    const value = properties[key];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });
}

function checkProperties(properties: MatchProperties, path: Path, signals: readonly MatchedSignal[]): ConfigFault[] {
  const used = usedCriteria(properties);
  const usable = CRITERIA.filter((key) => signals.some((signal) => USABLE[signal].includes(key)));
  if (used.length === 0) {
    const remedy = `add one of ${usable.join(', ')}`;
    return [{ path, message: 'matches against nothing', remedy }];
  }
  const faults: ConfigFault[] = [];
  if (!signals.some((signal) => used.every((key) => USABLE[signal].includes(key)))) {
    const misplaced = used.find((key) => !usable.includes(key)) ?? used[used.length - 1];
    const others = used.filter((key) => key !== misplaced).join(', ');
    const message = usable.includes(misplaced)
      ? `does not go with ${others}: no signal has both`
      : 'is not for this signal';
    faults.push({ path: [...path, misplaced], message, remedy: 'use one processor for each signal' });
  }
  const { match_type } = properties;
  const { services, span_names, span_kinds, log_bodies, log_severity_texts, metric_names } = properties;
  const lists = { services, span_names, span_kinds, log_bodies, log_severity_texts, metric_names };
  for (const [key, list] of Object.entries(lists)) faults.push(...checkTexts(list, match_type, [...path, key]));
  properties.libraries.forEach(({ name, version }, index) => {
    const at = [...path, 'libraries', index];
    faults.push(...checkText(name, match_type, [...at, 'name']));
    if (version !== undefined) faults.push(...checkText(version, match_type, [...at, 'version']));
  });
  faults.push(...checkAttributeMatches(properties.attributes, match_type, [...path, 'attributes']));
  faults.push(...checkAttributeMatches(properties.resources, match_type, [...path, 'resources']));
  if (match_type === 'strict') faults.push(...checkKinds(span_kinds, [...path, 'span_kinds']));
  return faults;
}

/** Faults of a list of texts to match. Needs a match_type where there is one. */
export function checkTexts(list: readonly string[], type: MatchType | undefined, path: Path): ConfigFault[] {
  return list.flatMap((text, index) => checkText(text, type, [...path, index]));
}

function checkText(text: string, type: MatchType | undefined, path: Path): ConfigFault[] {
  if (type === undefined) return [missingType(path)];
  return type === 'strict' ? [] : checkExpression(text, path);
}

export function checkAttributeMatches(
  matches: readonly AttributeMatch[],
  type: MatchType | undefined,
  path: Path,
): ConfigFault[] {
  return matches.flatMap(({ key, value }, index) => {
    if (key === '') return [{ path: [...path, index, 'key'], message: 'is empty', remedy: 'name an attribute' }];
    if (value === undefined || value === null) return [];
    const at = [...path, index, 'value'];
    if (type === undefined) return [missingType(at)];
    if (type === 'strict') return [];
    if (typeof value === 'string') return checkExpression(value, at);
    return [{ path: at, message: 'must be text for match_type regexp', remedy: 'put it into quotes' }];
  });
}

function checkExpression(text: string, path: Path): ConfigFault[] {
  try {
    compilePattern(text);
    return [];
  } catch (error) {
    return [{ path, message: (error as Error).message }];
  }
}

function checkKinds(kinds: readonly string[], path: Path): ConfigFault[] {
  const known = SPAN_KINDS.slice(1);
  return kinds.flatMap((kind, index) =>
    known.includes(kind)
      ? []
      : [{ path: [...path, index], message: `"${kind}" is no span kind`, remedy: `write one of ${known.join(', ')}` }],
  );
}

function missingType(path: Path): ConfigFault {
  return { path, message: 'cannot be compared: there is no match_type', remedy: 'set match_type to strict or regexp' };
}
