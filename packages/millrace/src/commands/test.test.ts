import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CLI = path.join(import.meta.dirname, '../cli.ts');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-test-'));
  writeFileSync(
    path.join(folder, 'shop.yaml'),
    `
plugins: [./shout.ts]
receivers: { otlp: { protocols: { http: } } }
processors: { shout: }
exporters: { debug: }
service: { pipelines: { logs: { receivers: [otlp], processors: [shout], exporters: [debug] } } }
`,
  );
  writeFileSync(
    path.join(folder, 'shout.ts'),
    `import { defineProcessor, Type } from '@millrace/api';
export default defineProcessor({
  type: 'shout',
  summary: 'Writes event names in capitals.',
  stability: 'development',
  config: Type.Object({}),
  examples: [],
  create: () => ({
    logs(batch) {
      for (const record of batch.records) record.eventName = record.eventName.toUpperCase();
    },
  }),
});
`,
  );
  writeFileSync(
    path.join(folder, 'shop.test.yaml'),
    `
tests:
  - { name: passes, input: { logs: [{ event_name: a }] }, expect: { debug: [{ event_name: A }] } }
  - { name: fails, input: { logs: [{ event_name: b }] }, expect: { debug: [{ event_name: b }] } }
`,
  );
  writeFileSync(path.join(folder, 'wrong.test.yaml'), 'config: shop.yaml\ntests: [{ nam: a }]\n');
});

afterAll(() => rmSync(folder, { recursive: true }));

function millrace(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

test('every file below the folder is run, with plugins; what fails and what is wrong is said, with exit code 1', async () => {
  const { code, stdout, stderr } = await millrace('test');
  expect(code).toBe(1);
  expect(stdout.replaceAll(/\d+ ms/g, 'N ms')).toBe(`shop.test.yaml
  ✓ passes  N ms
  ✗ fails  N ms
    shop.test.yaml:4:75  debug: 1 record expected, 1 came out
      "b"
        event_name  expected "b", got "B"
    passed: logs  1 → shout 1
wrong.test.yaml
1 passed, 1 failed, 1 file with errors
`);
  expect(stderr).toBe(`wrong.test.yaml:2:9  error  "name" is missing  say what the test guarantees
wrong.test.yaml:2:11  error  the key "nam" is not known  did you mean "name"?
`);
});

test('a folder stands for every file below it', async () => {
  const inside = path.join(folder, 'inside');
  mkdirSync(inside);
  writeFileSync(
    path.join(inside, 'shop.test.yaml'),
    'config: ../shop.yaml\ntests: [{ name: a, input: { logs: [{ body: a }] }, expect: { debug: [{ body: a }] } }]\n',
  );
  const { code, stdout } = await millrace('test', 'inside');
  rmSync(inside, { recursive: true });
  expect([code, stdout.split('\n')[0], stdout.split('\n').at(-2)]).toEqual([0, 'inside/shop.test.yaml', '1 passed']);
});

test('one test of one file passes with exit code 0', async () => {
  const { code, stdout } = await millrace('test', 'shop.test.yaml', '-t', 'passes');
  expect([code, stdout.split('\n').at(-2)]).toEqual([0, '1 passed, 1 skipped']);
});

test('a name that no test has is said, with exit code 1', async () => {
  const { code, stdout } = await millrace('test', 'shop.test.yaml', '-t', 'nothing');
  expect([code, stdout.split('\n').slice(-3)]).toEqual([
    1,
    ['2 skipped', 'no test was run: no name holds the text of -t', ''],
  ]);
});

test('a name that no test has is no success', async () => {
  expect((await millrace('test', 'shop.test.yaml', '-t', 'nothing')).code).toBe(1);
});

test('reports for programs hold the same', async () => {
  const [json, { stdout }] = await Promise.all([
    millrace('test', 'shop.test.yaml', '--reporter', 'json'),
    millrace('test', '--reporter', 'junit'),
  ]);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    files: [
      { file: 'shop.test.yaml', tests: [{ state: 'passed' }, { state: 'failed', failures: [{ details: [{}, {}] }] }] },
    ],
  });
  expect(stdout).toContain('<testsuite name="shop.test.yaml" tests="2" failures="1" errors="0" skipped="0">');
  expect(stdout).toContain(
    'expected &quot;b&quot;, got &quot;B&quot;&#10;passed: logs  1 → shout 1</failure></testcase>',
  );
  expect(stdout).toContain('<testsuite name="wrong.test.yaml" tests="1" failures="0" errors="1" skipped="0">');
});

test('explain tells what each step does to an input', async () => {
  writeFileSync(path.join(folder, 'input.yaml'), 'logs: [{ event_name: paid }]');
  const args = ['explain', '--config', 'shop.yaml', '--input', 'input.yaml'];
  const [{ code, stdout }, json] = await Promise.all([millrace(...args), millrace(...args, '-o', 'json')]);
  expect([code, stdout.split('\n').slice(0, 7)]).toEqual([
    0,
    [
      'otlp takes 1 log record: accepted',
      '',
      'logs  1 log record from otlp',
      '  shout    changed 1 of 1',
      '        "paid"',
      '          ~ event_name  "paid" → "PAID"',
      expect.stringMatching(/^ {2}→ debug {2}1 log record, \d+ B of text$/),
    ],
  ]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    inputs: [{ receiver: 'otlp', answer: 'accepted' }],
    pipelines: [{ id: 'logs', steps: [{ before: [{ event_name: 'paid' }], after: [{ event_name: 'PAID' }] }] }],
  });
});

test('explain says what is wrong with its input', async () => {
  const explain = (...args: string[]) => millrace('explain', '--config', 'shop.yaml', '--input', ...args);
  const [missing, receiver] = await Promise.all([explain('nowhere.json'), explain('shop.yaml', '--receiver', 'udp')]);
  expect(missing).toMatchObject({
    code: 1,
    stderr: 'error: cannot read the input "nowhere.json": there is no such file; check the path\n',
  });
  expect(receiver).toMatchObject({
    code: 1,
    stderr: 'error: no pipeline uses a receiver "udp"; there are otlp\n',
  });
});
