import { describe, expect, test } from 'vitest';
import { collectorWith } from './testing/transform.ts';

async function refusalOf(settings: object): Promise<string> {
  return String(
    await collectorWith(JSON.stringify(settings)).then(
      async (collector) => {
        await collector.shutdown();
        return 'it started';
      },
      (reason: unknown) => reason,
    ),
  );
}

describe('what is wrong with a statement is told at the start', () => {
  test.each<[object, string, string]>([
    [{ log_statements: ['set(log.body "x")'] }, 'log_statements[0]', 'at column 14'],
    [
      { log_statements: ['set(log.body, "x")', 'delete_kee(log.attributes, "x")'] },
      'log_statements[1]',
      'at column 1: there is no editor delete_kee',
    ],
    [
      {
        log_statements: [{ statements: ['set(log.body, 1)', 'set(log.body, 2)', 'set(log.attributs["x"], 1)'] }],
      },
      'log_statements[0].statements[2]',
      'at column 5: the context log has no path "attributs"; expected one of ',
    ],
    [
      { trace_statements: [{ statements: ['set(span.name, "x")'], conditions: ['true', 'span.nam == "x"'] }] },
      'trace_statements[0].conditions[1]',
      'did you mean span.name?',
    ],
    [
      { metric_statements: ['set(span.name, "x")'] },
      'metric_statements',
      'expected paths, functions and enums of one of resource, scope, metric, datapoint, exemplar',
    ],
    [{ log_statements: ['set(body, "x")'] }, 'log_statements', 'the context cannot be inferred'],
    [
      { log_statements: [{ context: 'log', statements: ['replace_pattern(body, "(", "x")'] }] },
      'log_statements[0].statements[0]',
      'at column ',
    ],
    [{ log_statements: [{ context: 'span', statements: [] }] }, 'log_statements[0].context', 'log'],
    [
      { log_statements: ['set(log.body, 1)', { statements: ['set(log.body, 1)'] }] },
      'log_statements',
      'a group of statements stands behind statements without a group',
    ],
    [
      { log_statements: [{ statements: ['set(log.body, 1)'] }, 'set(log.flags, 1)', 'set(log.nope, 1)'] },
      'log_statements[2]',
      'nope',
    ],
    [{ profile_statements: ['set(profile.nope, 1)'] }, 'profile_statements[0]', 'nope'],
    [{ profile_statements: ['set(log.body, 1)'] }, 'profile_statements', 'resource, scope, profile'],
    [{ flatten_data: true }, 'flatten_data', 'not supported'],
    [{ flatten: { log: true } }, 'flatten', 'is not supported'],
    [{ log_statements: [null] }, 'log_statements[0]', 'at column 1'],
    [{ error_mode: 'panic' }, 'error_mode', 'propagate'],
    [{ log_statements: [{ error_mode: 'panic', statements: [] }] }, 'log_statements[0].error_mode', 'silent'],
  ])('%j', async (settings, place, problem) => {
    const refusal = await refusalOf(settings);
    expect(refusal).toContain(place);
    expect(refusal).toContain(problem);
  });

  test('all of it at once', async () => {
    const refusal = await refusalOf({
      log_statements: ['set(log.nope, 1)', 'sett(log.body, 1)'],
      trace_statements: [{ statements: ['set(span.nope, 1)'] }],
    });
    for (const place of ['log_statements[0]', 'log_statements[1]', 'trace_statements[0].statements[0]'])
      expect(refusal).toContain(place);
    expect(refusal).toContain('did you mean set?');
  });
});
