/** Every configuration that comes with the project has tests of its own, and they pass. */
import { readdirSync } from 'node:fs';
import { describePipelineTests } from '@millrace/rehearsal/vitest';
import { PluginRegistry } from 'millrace';
import { expect, test } from 'vitest';

const FOLDER = new URL('../configs/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

test.each(FILES.filter((name) => !name.endsWith('.test.yaml')))('%s has tests', (name) => {
  expect(FILES).toContain(name.replace(/\.yaml$/, '.test.yaml'));
});

await describePipelineTests(FOLDER, { registry: () => new PluginRegistry() });
