import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listComponents } from './components.ts';

let folder: string;
let printed: string;
let complained: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-components-'));
  printed = complained = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((complained += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const plugin = (type: string) =>
  write(
    `${type}.mjs`,
    `export default {
  kind: 'processor', api: 1, type: '${type}', summary: 'Does little.', stability: 'alpha',
  config: {
    type: 'object', additionalProperties: false, required: ['to'],
    properties: {
      to: { type: 'string', description: 'Where | how.' },
      every: { type: 'string', 'x-type': 'duration', default: '5s', description: 'How often.' },
      below: { type: 'object', properties: { on: { type: 'boolean', default: true, description: 'A key below.' } } },
    },
  },
  examples: [{ title: 'The least', yaml: '${type}: { to: there }' }],
  create: () => ({ logs() {} }),
};`,
  );

const TABLE = [
  '| key        | type     | default  | what it does  |',
  '| ---------- | -------- | -------- | ------------- |',
  '| `to`       | string   | required | Where \\| how. |',
  '| `every`    | duration | `5s`     | How often.    |',
  '| `below`    | object   |          |               |',
  '| `below.on` | boolean  | `true`   | A key below.  |',
].join('\n');

test('the docs of a plugin are its settings and examples, and those of nobody else', async () => {
  expect(await listComponents({ plugin: [plugin('little')], markdown: true })).toBe(0);
  const head = '## processor little\n\nDoes little. Stability: alpha.';
  const example = 'The least:\n\n```yaml\nlittle: { to: there }\n```\n';
  expect(printed).toBe([head, TABLE, example].join('\n\n'));
});

test('without plugins they are those of all components', async () => {
  expect(await listComponents({ plugin: [], markdown: true })).toBe(0);
  expect(printed).toMatch(/^## .*\n[\s\S]*^## exporter otlphttp$/m);
});

test('they go between the marks of a file, and the rest of it stays', async () => {
  const readme = write('README.md', '# Mine\n\n<!-- options: made -->\nold\n<!-- /options -->\n\nThe end, $1.\n');
  for (let time = 0; time < 2; time++) {
    expect(await listComponents({ plugin: [plugin('little')], into: readme })).toBe(0);
    const [before, docs, after] = readFileSync(readme, 'utf8').split(/<!-- .*options.* -->/);
    expect(before).toBe('# Mine\n\n');
    expect(docs).toMatch(/^\n\n### processor little\n[\s\S]*\n```\n\n$/);
    expect(after).toBe('\n\nThe end, $1.\n');
  }
});

test('a file without marks, a missing one and a broken plugin are named, with what to do', async () => {
  const bare = write('bare.md', '# Mine\n');
  expect(await listComponents({ plugin: [], into: bare })).toBe(1);
  expect(complained).toContain('bare.md has no place for the options; put the lines <!-- options -->');
  expect(readFileSync(bare, 'utf8')).toBe('# Mine\n');
  expect(await listComponents({ plugin: [], into: join(folder, 'absent.md') })).toBe(1);
  expect(complained).toContain('absent.md');
  expect(await listComponents({ plugin: [write('empty.mjs', '')], markdown: true })).toBe(1);
  expect(complained).toContain('has no default export; export a definition');
});
