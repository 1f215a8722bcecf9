import type { ConfigFault } from '@millrace/api';
import { explainError, OttlErrors } from '@millrace/ottl';
import { compileEligibility } from './compile-eligibility.ts';
import type { DedupSettings } from './dedup-settings.ts';
import { partsOf } from './field-path.ts';
import { isTimeZone } from './zoned-time.ts';

/** The Collector's rules for the log deduplication processor. */
export function checkDedup(settings: DedupSettings): ConfigFault[] {
  const { include_fields, exclude_fields, metadata_keys, interval, max_acknowledge_delay, timezone } = settings;
  const faults: ConfigFault[] = [
    ...fieldFaults(include_fields, 'include_fields'),
    ...fieldFaults(exclude_fields, 'exclude_fields'),
    ...conditionFaults(settings),
  ];
  for (const [key, value] of Object.entries({ interval, max_acknowledge_delay })) {
    if (value <= 0) faults.push({ path: [key], message: 'is not more than 0', remedy: 'write a time, such as 10s' });
  }
  if (include_fields.length > 0 && exclude_fields.length > 0) {
    const message = 'cannot be used together with include_fields';
    faults.push({ path: ['exclude_fields'], message, remedy: 'use one of them' });
  }
  if (!isTimeZone(timezone)) {
    const remedy = 'write a name of the IANA database, such as Europe/Vienna';
    faults.push({ path: ['timezone'], message: `there is no time zone "${timezone}"`, remedy });
  }
  return [
    ...faults,
    ...repeats(
      metadata_keys.map((key) => key.toLowerCase()),
      'metadata_keys',
    ),
  ];
}

function fieldFaults(fields: readonly string[], key: 'include_fields' | 'exclude_fields'): ConfigFault[] {
  const faults = fields.flatMap((field, index): ConfigFault[] => {
    const path = [key, index];
    const [root, ...keys] = partsOf(field);
    if (root !== 'body' && root !== 'attributes') {
      const message = `"${field}" is no field of a record`;
      return [{ path, message, remedy: 'begin it with body. or attributes.' }];
    }
    if (keys.length > 0 || (root === 'attributes' && key === 'exclude_fields')) return [];
    return [{ path, message: `"${field}" is not a field in the ${root}`, remedy: `write ${root}.name` }];
  });
  return [...faults, ...repeats(fields, key)];
}

function repeats(texts: readonly string[], key: string): ConfigFault[] {
  return texts.flatMap((text, index) =>
    texts.indexOf(text) === index
      ? []
      : [{ path: [key, index], message: `"${text}" is there twice`, remedy: 'remove one of them' }],
  );
}

function conditionFaults({ conditions }: DedupSettings): ConfigFault[] {
  try {
    compileEligibility(conditions, {});
    return [];
  } catch (error) {
    if (!(error instanceof OttlErrors)) throw error;
    return error.errors.map((each) => ({
      path: each.statement < 0 ? ['conditions'] : ['conditions', each.statement],
      ...explainError(each),
    }));
  }
}
