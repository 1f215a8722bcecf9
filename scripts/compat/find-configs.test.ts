import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { configsIn, findConfigs } from './find-configs.ts';

const CONFIG = `# kept
receivers: { otlp: }
service: { pipelines: { logs: { receivers: [otlp] } } }
`;
const indented = CONFIG.replace(/^/gm, '    ');

test('a file that is a configuration is taken as it is, comments included', () => {
  expect(configsIn('a.yaml', CONFIG)).toEqual([{ name: 'a.yaml', file: 'a.yaml', text: CONFIG }]);
});

test.each([
  ['the text of a ConfigMap', `kind: ConfigMap\ndata:\n  relay: |\n${indented}`, 'data.relay'],
  ['a Helm value', `config:\n${indented}`, 'config'],
  ['a resource among others', `kind: Service\n---\nspec:\n  config:\n${indented}`, '1.spec.config'],
])('%s is found', (_what, text, place) => {
  const found = configsIn('k8s.yaml', text);
  expect(found.map(({ name }) => name)).toEqual([`k8s.yaml#${place}`]);
  expect(configsIn('again', found[0].text)).toHaveLength(1);
});

test.each([
  ['settings of one component', 'transform:\n  log_statements: []\n'],
  ['a compose file', 'services: { collector: { image: otel } }\n'],
  ['no YAML', 'a: [\n'],
  ['nothing', ''],
])('%s holds no configuration', (_what, text) => {
  expect(configsIn('x.yaml', text)).toEqual([]);
});

test('folders are searched in the order of their names, and what holds nothing is listed', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'compat-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(path.join(folder, 'deep/er'), { recursive: true });
  writeFileSync(path.join(folder, 'deep/er/b.yml'), CONFIG);
  writeFileSync(path.join(folder, 'a.yaml'), CONFIG);
  writeFileSync(path.join(folder, 'c.yaml'), 'x: 1\n');
  writeFileSync(path.join(folder, 'd.txt'), CONFIG);
  const { configs, skipped } = findConfigs([folder]);
  expect(configs.map(({ name }) => path.relative(folder, name))).toEqual(['a.yaml', path.join('deep', 'er', 'b.yml')]);
  expect(skipped).toEqual([path.join(folder, 'c.yaml')]);
});
