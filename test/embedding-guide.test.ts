/** The programs of docs/guide/embedding.md run as they stand there. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ended, type HostRun } from './harness/host.ts';
import { NODE, Program, REPOSITORY, runMillrace } from './harness/millrace.ts';
import { itemsOfLines } from './harness/otlp-items.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const read = (page: string) => readFileSync(join(REPOSITORY, 'docs', 'guide', page), 'utf8');
const GUIDE = read('embedding.md');
/** From where the repository's packages are found. */
const CACHE = join(REPOSITORY, '.cache');
mkdirSync(CACHE, { recursive: true });
const folder = mkdtempSync(join(CACHE, 'embedding-guide-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The blocks whose first line is a comment with a file's name. */
const files = new Map(
  [...GUIDE.matchAll(/```(?:ts|yaml)\n(?:\/\/|#) (\S+\.(?:ts|yaml))\n([\s\S]*?)```/g)].map(
    ([, name = '', text = '']) => [name, text],
  ),
);
for (const [name, text] of files) writeFileSync(join(folder, name), text);

function run(file: string): Promise<HostRun> {
  return ended(new Program([], { command: [NODE, '--no-warnings', file], cwd: folder }));
}

test('the first example has at most 15 lines, and its record is in the file', async () => {
  expect(files.get('app.ts')?.trim().split('\n').length).toBeLessThanOrEqual(15);
  expect(await run('app.ts')).toEqual({ code: 0, signal: null, stdout: [], stderr: [] });
  expect(readFileSync(join(folder, 'app.jsonl'), 'utf8')).toMatch(/"shop".*"paid"/);
});

test('what is kept until it is safe is in the file', async () => {
  expect(await run('keep-until-safe.ts')).toEqual({ code: 0, signal: null, stdout: [], stderr: [] });
  expect(readFileSync(join(folder, 'audit.jsonl'), 'utf8')).toContain('ada logged in');
});

test('plugins run as values', async () => {
  expect(await run('plugin.ts')).toEqual({ code: 0, signal: null, stdout: ['2 log records'], stderr: [] });
});

test('what the SDK records is in the file', async () => {
  expect(await run('sdk.ts')).toEqual({ code: 0, signal: null, stdout: [], stderr: [] });
  expect(itemsOfLines(readFileSync(join(folder, 'sdk.jsonl'), 'utf8'))).toHaveLength(3);
});

test("the sidecar's stored queue makes its acknowledgement mean disk", async () => {
  const cwd = temporaryFolder();
  const [, stored = ''] = /```yaml\n(# stored\.yaml[\s\S]*?)```/.exec(read('sidecar.md')) ?? [];
  writeFileSync(join(cwd, 'stored.yaml'), stored);
  const sidecar = join(REPOSITORY, 'configs', 'sidecar.yaml');
  const { code, stdout } = await runMillrace(['graph', '--config', sidecar, '--config', 'stored.yaml'], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^logs {2}at least once: /m);
});
