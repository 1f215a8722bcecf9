import type { ConfigFault } from '@millrace/api';
import { compilePattern } from '@millrace/pattern';
import { checkMatch } from '@millrace/rules';
import { hasRepeatedPlaces } from './placed-pattern.ts';
import { type SpanSettings, STATUS_CODES } from './span-settings.ts';

/** The Collector's rules, and what is not supported. */
export function checkSpan(settings: SpanSettings): ConfigFault[] {
  return [
    ...checkMatch(settings, [], ['traces']),
    ...checkTask(settings),
    ...checkRules(settings),
    ...checkStatus(settings),
  ];
}

function checkTask({ name, status }: SpanSettings): ConfigFault[] {
  const rules = name.to_attributes?.rules ?? [];
  if (name.from_attributes.length > 0 || rules.length > 0 || status !== undefined) return [];
  const remedy = 'add name.from_attributes, name.to_attributes.rules or status';
  return [{ path: [], message: 'has nothing to do', remedy }];
}

function checkRules({ name }: SpanSettings): ConfigFault[] {
  return (name.to_attributes?.rules ?? []).flatMap((rule, index) => {
    const path = ['name', 'to_attributes', 'rules', index];
    try {
      compilePattern(rule);
    } catch (error) {
      return [{ path, message: (error as Error).message }];
    }
    if (name.to_attributes?.keep_original_name === true || !hasRepeatedPlaces(rule)) return [];
    const message = 'has a named group inside of a repetition, which cannot be replaced in the name';
    return [{ path, message, remedy: 'name the whole repetition, or set keep_original_name' }];
  });
}

function checkStatus({ status }: SpanSettings): ConfigFault[] {
  if (status === undefined) return [];
  const { code, description } = status;
  if (!STATUS_CODES.includes(code)) {
    const remedy = `write one of ${STATUS_CODES.join(', ')}`;
    return [{ path: ['status', 'code'], message: `"${code}" is no status`, remedy }];
  }
  if (description === '' || code === 'Error') return [];
  const message = 'is for the code Error only';
  return [{ path: ['status', 'description'], message, remedy: 'remove it, or set the code to Error' }];
}
