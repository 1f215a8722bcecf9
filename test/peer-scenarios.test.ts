/** The configurations that are measured beside the Collector load here; what nobody measures is not kept. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PluginRegistry } from 'millrace';
import { expect, test } from 'vitest';
import { chosenScenarios, SCENARIOS } from '../benchmarks/peers/scenarios.ts';
import { checkConfig } from '../scripts/compat/check-config.ts';
import { REPOSITORY } from './harness/millrace.ts';

const FOLDER = join(REPOSITORY, 'benchmarks/peers/scenarios');
const CONFIGS = [...new Set(SCENARIOS.map(({ config }) => config))].toSorted();
const registry = new PluginRegistry();

test('every file is a scenario, and every scenario has a file', () => {
  const files = readdirSync(FOLDER).filter((name) => !/\.(fluent-bit|vector)\.yaml$/.test(name));
  expect(files.toSorted()).toEqual(CONFIGS.map((name) => `${name}.yaml`).toSorted());
});

test.each(CONFIGS)('%s runs unchanged', async (name) => {
  const file = join(FOLDER, `${name}.yaml`);
  const { obstacles } = await checkConfig({ name, file, text: readFileSync(file, 'utf8') }, registry);
  expect(obstacles).toEqual([]);
});

test('scenarios are chosen by name or prefix, and a name that fits none is told', () => {
  expect(chosenScenarios(['rename', 'rename*']).map(({ name }) => name)).toEqual(['rename', 'rename-grpc']);
  expect(() => chosenScenarios(['renam'])).toThrow('no scenario is called "renam"');
});

test('a filter that keeps half expects about half', () => {
  const [{ expected, batch }] = chosenScenarios(['filter']);
  const share = (expected?.(100) ?? 0) / (100 * batch);
  expect(share).toBeGreaterThan(0.4);
  expect(share).toBeLessThan(0.6);
});
