import { collectorOf } from '@millrace/testkit';
import { expect, test } from 'vitest';

async function problemsOf(settings: string): Promise<string> {
  const pipeline = '{ receivers: [test/in], processors: [probabilistic_sampler], exporters: [test/out] }';
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/out: }',
    `processors: { probabilistic_sampler: ${settings} }`,
    `service: { pipelines: { logs: ${pipeline}, traces: ${pipeline} } }`,
  ].join('\n');
  try {
    await using _ = await collectorOf(yaml, { plugins: [new URL('./index.ts', import.meta.url)] });
    return '';
  } catch (error) {
    return String(error);
  }
}

test.each([
  ['{ sampling_percentage: -1 }', 'sampling_percentage'],
  ['{ sampling_percentage: 1e-20 }', 'sampling_percentage'],
  ['{ sampling_precision: 0 }', 'sampling_precision'],
  ['{ sampling_precision: 15 }', 'sampling_precision'],
  ['{ hash_seed: -1 }', 'hash_seed'],
  ['{ hash_seed: 4294967296 }', 'hash_seed'],
  ['{ mode: random }', 'hash_seed, proportional'],
  ['{ attribute_source: traceid }', 'attribute_source'],
])('refuses %s', async (settings, problem) => {
  expect(await problemsOf(settings)).toContain(problem);
});

test.each(['{}', '{ sampling_percentage: 1e-14 }', '{ sampling_percentage: 300, hash_seed: 4294967295 }'])(
  'takes %s',
  async (settings) => {
    expect(await problemsOf(settings)).toBe('');
  },
);
