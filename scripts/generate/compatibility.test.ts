import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FACTS_FILE } from '../compat/collector-facts.ts';
import { compatibility } from './compatibility.ts';

const PLUGIN = {
  kind: 'exporter',
  type: 'new_name',
  aliases: ['old_name'],
  config: {
    properties: {
      same: { properties: { inner: {} } },
      idle: { description: 'Accepted, without effect.' },
      never: { description: 'Something of profiles: not supported.', properties: { part: {} } },
      free: { additionalProperties: true },
      own: { properties: { part: {} } },
    },
  },
};

test('each key stands once, in the list that says what becomes of it', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'compatibility-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const keys = [
    'same',
    'same.inner',
    'same.more',
    'idle',
    'never',
    'never.part',
    'free',
    'free.x',
    'gone',
    'gone.deep',
  ];
  const facts = { components: { 'exporter old_name': { module: 'm', version: 'v9', keys } } };
  for (const folder of ['scripts/generate', 'plugins/p/src']) mkdirSync(path.join(root, folder), { recursive: true });
  writeFileSync(path.join(root, FACTS_FILE), JSON.stringify(facts));
  writeFileSync(path.join(root, 'plugins/p/src/index.ts'), `export default ${JSON.stringify(PLUGIN)};`);
  const page = await compatibility.make(root);
  expect(page).toContain('| exporter `new_name` | v9 | 4 | 3 | 1 | 1 |');
  expect(page).toContain('is refused: `same.more`, `never`, `gone`.');
  expect(page).toContain('without effect: `idle`.');
  expect(page).toContain('still work): `own`.');
});
