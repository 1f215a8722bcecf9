/** What the guide says is so: its plugins are made, tested and run, its code has types, its programs print what it says. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createPlugin, type PluginKind } from 'create-millrace-plugin';
import { beforeAll, expect, test } from 'vitest';
import { type CodeFence, codeFences } from './harness/code-fences.ts';
import { REPOSITORY } from './harness/millrace.ts';
import { buildForPlugins, freePort, type Outcome, PluginProject } from './harness/plugin-project.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const GUIDE = join(REPOSITORY, 'docs/guide');
const PAGES = readdirSync(GUIDE).filter((file) => file.endsWith('.md'));

/** Pages with a test of their own (`test/embedding-guide.test.ts`). */
const TRIED_ELSEWHERE = new Set(['embedding.md']);

/** Each of these starts several programs, on a computer that may be busy. */
const LIMIT_MS = 120_000;

beforeAll(buildForPlugins, LIMIT_MS);

function fencesOf(page: string): readonly CodeFence[] {
  return codeFences(readFileSync(join(GUIDE, page), 'utf8'));
}

/** The plugin that a page makes: the command that it begins with, and the files that it shows. */
function pluginOf(page: string): PluginProject {
  const fences = fencesOf(page);
  const command = /--kind (\w+) --name (\S+)/.exec(fences[0]?.text ?? '');
  expect(command, `${page} begins with npm create`).not.toBeNull();
  const [, kind, name = ''] = command ?? [];
  const folder = join(temporaryFolder(), name);
  const { files: made } = createPlugin({ kind: kind as PluginKind, name, dir: folder });
  const shown = fences.flatMap(({ file, text }) => (file === undefined ? [] : [[file, text] as const]));
  const replaced = ['src/index.ts', 'src/index.test.ts', 'pipeline.yaml'];
  expect(shown.map(([file]) => file)).toEqual(replaced);
  for (const file of replaced) expect(made).toContain(file);
  return PluginProject.of(folder, Object.fromEntries(shown));
}

interface Trial {
  readonly page: string;
  /** What its pipeline prints when the component has done something. */
  readonly shows: RegExp;
  /** Settings that keep it away from ports which others use, given a free address. */
  readonly settings?: (address: string) => readonly string[];
  /** What the page says to do from another terminal. */
  readonly meanwhile?: (address: string) => Promise<unknown>;
}

const TRIALS: readonly Trial[] = [
  {
    page: 'write-a-receiver.md',
    shows: /the second/,
    settings: (address) => [`receivers.http_lines.endpoint=${address}`],
    meanwhile: (address) => fetch(`http://${address}`, { method: 'POST', body: 'the first\nthe second\n' }),
  },
  { page: 'write-a-processor.md', shows: /user\.email=\[email\]/ },
  { page: 'write-an-exporter.md', shows: /"msg":"Logs"/ },
  { page: 'write-a-connector.md', shows: / failed: / },
  {
    page: 'write-an-extension.md',
    shows: /"msg":"Logs"/,
    settings: (address) => [`extensions.status_page.endpoint=${address}`],
    meanwhile: async (address) => {
      const page = await (await fetch(`http://${address}`)).text();
      expect(page).toMatch(/^ready\n/);
      expect(page).toContain('exporter debug: ok');
    },
  },
];

test.each(TRIALS)('$page: its plugin passes its tests, and its pipeline runs', { timeout: LIMIT_MS }, async (trial) => {
  const project = pluginOf(trial.page);
  const tests = await project.run('npm', 'test');
  expect(tests.output).toMatch(/Tests +\d+ passed/);
  expect(tests.code, tests.output).toBe(0);
  const address = `127.0.0.1:${await freePort()}`;
  const run = await project.runPipeline(trial.shows, {
    settings: trial.settings?.(address) ?? [],
    meanwhile: () => trial.meanwhile?.(address),
  });
  expect(run).toMatchObject({ code: 0 } satisfies Partial<Outcome>);
  if (trial.page === 'write-an-exporter.md') expect(project.read('logs.txt')).toMatch(/^\d{19} \S+ .+\n/);
});

test('every page that makes a plugin is tried', () => {
  const making = PAGES.filter((page) => page.startsWith('write-'));
  expect(TRIALS.map(({ page }) => page).toSorted()).toEqual(making.toSorted());
});

test(
  'every piece of TypeScript has types, and every program prints what the page says',
  { timeout: LIMIT_MS },
  async () => {
    const files: Record<string, string> = { 'package.json': '{ "type": "module" }' };
    const programs: { readonly file: string; readonly output: string }[] = [];
    for (const page of PAGES.filter((each) => !each.startsWith('write-') && !TRIED_ELSEWHERE.has(each))) {
      const fences = fencesOf(page);
      fences.forEach(({ language, text, line }, index) => {
        if (language !== 'ts') return;
        const file = `${basename(page, '.md')}-${line}.ts`;
        files[file] = text;
        const next = fences[index + 1];
        if (next?.language === 'text') programs.push({ file, output: next.text });
      });
    }
    const project = PluginProject.of(temporaryFolder(), files);
    const compiler = JSON.parse(
      readFileSync(join(REPOSITORY, 'packages/create-plugin/templates/package.json.template'), 'utf8'),
    ) as { scripts: { types: string } };
    const options = compiler.scripts.types.split(' ').filter((word) => !word.endsWith('.ts'));
    const sources = Object.keys(files).filter((file) => file.endsWith('.ts'));
    expect(await project.run(...options, ...sources)).toEqual({ code: 0, signal: null, output: '' });
    expect(programs.length).toBeGreaterThan(3);
    const printed = await Promise.all(programs.map(async ({ file }) => (await project.run('node', file)).output));
    expect(printed.map((text) => `${text}\n`)).toEqual(programs.map(({ output }) => output));
  },
);

test('links lead to pages and headings that exist', () => {
  const broken: string[] = [];
  for (const page of PAGES) {
    const text = readFileSync(join(GUIDE, page), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
      if (!readdirSync(join(GUIDE, target, '..')).includes(basename(target))) broken.push(`${page}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});
