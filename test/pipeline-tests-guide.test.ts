/** What the guide shows of tests of pipelines, and of explanations, is what the commands print. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeFences } from './harness/code-fences.ts';
import { REPOSITORY, runMillrace } from './harness/millrace.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const fencesOf = (page: string) => codeFences(readFileSync(join(REPOSITORY, 'docs/guide', page), 'utf8'));
const TESTING = fencesOf('testing-pipelines.md');
const SEEING = fencesOf('seeing.md');

/** A folder with the files that the pages name. */
function folderOfThePages(change: (text: string) => string = (text) => text): string {
  const folder = temporaryFolder();
  for (const { file, text } of [...TESTING, ...SEEING]) {
    if (file !== undefined) writeFileSync(join(folder, file), change(text));
  }
  return folder;
}

const untimed = (text: string) => text.replaceAll(/\d+ ms/g, 'N ms').trim();

/** What a page shows behind a command, without the command. */
function shown(fences: typeof TESTING, start: string): string {
  const found = fences.find(({ language, text }) => language === 'console' && text.startsWith(start));
  return untimed(found?.text.replace(/^\$ .*\n/, '') ?? 'no such fence');
}

test('the tests on the page pass, and print what it says', async () => {
  const { code, stdout, stderr } = await runMillrace(['test', 'shop.test.yaml'], { cwd: folderOfThePages() });
  expect([code, stderr, untimed(stdout)]).toEqual([0, '', shown(TESTING, '$ millrace test')]);
});

test('a test that fails shows what the page says', async () => {
  const cwd = folderOfThePages((text) => text.replace('severity: WARN\n', 'severity: ERROR\n'));
  const { code, stdout } = await runMillrace(['test', 'shop.test.yaml', '-t', 'failed requests'], { cwd });
  expect([code, untimed(stdout).split('\n').slice(0, -1)]).toEqual([1, shown(TESTING, 'shop.test.yaml').split('\n')]);
});

test('the explanation is the one on the page', async () => {
  const args = ['explain', '--config', 'shop.yaml', '--input', 'input.yaml'];
  const { code, stdout, stderr } = await runMillrace(args, { cwd: folderOfThePages() });
  const withoutPayload = untimed(stdout).split('\n').slice(0, -1).join('\n');
  expect([code, stderr, withoutPayload]).toEqual([0, '', shown(SEEING, '$ millrace explain')]);
});
