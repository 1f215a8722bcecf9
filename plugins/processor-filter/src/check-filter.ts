import type { ConfigFault } from '@millrace/api';
import { checkAttributeMatches, checkMatch, checkTexts } from '@millrace/rules';
import { checkConditions } from './compile-conditions.ts';
import type { FilterSettings, LogProperties, MetricProperties } from './filter-settings.ts';
import { insteadOf } from './translate-expression.ts';
import { severityNumber } from './severity.ts';

type Path = readonly (string | number)[];

/** The Collector's rules for the filter processor, and what is not supported. */
export function checkFilter(settings: FilterSettings): ConfigFault[] {
  const { logs, spans, metrics } = settings;
  return [
    ...checkConditions(settings),
    ...checkMatch(spans, ['spans'], ['traces']),
    ...(['include', 'exclude'] as const).flatMap((side) => [
      ...(logs[side] === undefined ? [] : checkLogs(logs[side], ['logs', side])),
      ...(metrics[side] === undefined ? [] : checkMetrics(metrics[side], side)),
    ]),
  ];
}

function checkLogs(properties: LogProperties, path: Path): ConfigFault[] {
  const { match_type: type, severity_number, severity_texts, bodies } = properties;
  if (type === 'expr') return [noExpressions([...path, 'match_type'])];
  const faults = [
    ...checkTexts(severity_texts, type, [...path, 'severity_texts']),
    ...checkTexts(bodies, type, [...path, 'bodies']),
    ...checkAttributeMatches(properties.resource_attributes, type, [...path, 'resource_attributes']),
    ...checkAttributeMatches(properties.record_attributes, type, [...path, 'record_attributes']),
  ];
  if (severity_number !== undefined && severityNumber(severity_number.min) === undefined) {
    const message = `"${severity_number.min}" is no severity`;
    const remedy = 'write TRACE, DEBUG, INFO, WARN, ERROR or FATAL, with 2, 3 or 4 behind it, or a number up to 24';
    faults.push({ path: [...path, 'severity_number', 'min'], message, remedy });
  }
  return faults;
}

function checkMetrics(properties: MetricProperties, side: 'include' | 'exclude'): ConfigFault[] {
  const path = ['metrics', side];
  const { match_type: type, metric_names, expressions } = properties;
  if (type === 'expr') return [noExpressions([...path, 'match_type'], insteadOf(expressions, side))];
  if (expressions.length > 0) return [noExpressions([...path, 'expressions'], insteadOf(expressions, side))];
  return [
    ...checkTexts(metric_names, type, [...path, 'metric_names']),
    ...checkAttributeMatches(properties.resource_attributes, type, [...path, 'resource_attributes']),
  ];
}

function noExpressions(path: Path, remedy = 'use match_type strict or regexp'): ConfigFault {
  return { path, message: 'the expression language expr is not supported', remedy };
}
