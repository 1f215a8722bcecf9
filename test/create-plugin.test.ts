/** New plugins as their authors meet them: made by the real program, and green at once. */
import { readFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { beforeAll, describe, expect, test } from 'vitest';
import { NODE, Program, REPOSITORY } from './harness/millrace.ts';
import { buildForPlugins, freePort, type Outcome, PluginProject } from './harness/plugin-project.ts';
import { ensurePrograms } from './harness/programs.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const CREATE = join(REPOSITORY, 'scripts/create-plugin.ts');
const FILES = ['README.md', 'package.json', 'pipeline.yaml', 'src/index.test.ts', 'src/index.ts'];

/** Each of these starts several programs, on a computer that may be busy. */
const LIMIT_MS = 120_000;

beforeAll(async () => {
  ensurePrograms('npm', 'script');
  await buildForPlugins();
}, LIMIT_MS);

/** Runs `npm run create-plugin` in a folder. */
async function create(cwd: string, ...args: readonly string[]): Promise<Outcome> {
  const program = new Program([CREATE, ...args], { command: [NODE], cwd, env: { INIT_CWD: cwd } });
  return { ...(await program.exited), output: program.output };
}

async function made(kind: string, name: string): Promise<PluginProject> {
  const folder = temporaryFolder();
  const { code, output } = await create(folder, '--kind', kind, '--name', name, '--dir', 'mine');
  expect(code, output).toBe(0);
  return new PluginProject(join(folder, 'mine'));
}

/** What its pipeline prints when the component has done something, and what has to be told to run beside others. */
const PIPELINES: Readonly<Record<string, { readonly shows: RegExp; readonly settings?: () => Promise<string[]> }>> = {
  receiver: { shows: /hello/ },
  processor: { shows: /seen\.by/ },
  exporter: {
    shows: /"msg":"Logs"/,
    async settings() {
      const place = `127.0.0.1:${await freePort()}`;
      return [`receivers.otlp.protocols.http.endpoint=${place}`, `exporters.my_thing.endpoint=http://${place}/v1/logs`];
    },
  },
  connector: { shows: /"msg":"Metrics"/ },
  extension: { shows: /all components are well/ },
};

test.each(Object.keys(PIPELINES))(
  'a new %s has five files; its tests pass, its docs are those of its schema, its pipeline runs',
  { timeout: LIMIT_MS },
  async (kind) => {
    const project = await made(kind, 'my-thing');
    const written = readdirSync(project.folder, { recursive: true, encoding: 'utf8' });
    expect(written.filter((file) => !/^(?:src$|node_modules)/.test(file)).toSorted()).toEqual(FILES);
    const tests = await project.run('npm', 'test');
    expect(tests.output).toMatch(/Tests +\d+ passed/);
    expect(tests.code).toBe(0);

    const readme = project.read('README.md');
    const { docs = '' } = (JSON.parse(project.read('package.json')) as { scripts: Record<string, string> }).scripts;
    expect(await project.run(...docs.split(' '))).toMatchObject({ code: 0 });
    expect(project.read('README.md')).toBe(readme);

    const { shows, settings } = PIPELINES[kind];
    expect((await project.run('millrace', 'validate', '--config', 'pipeline.yaml')).output).toMatch(/^valid/);
    const run = await project.runPipeline(shows, { settings: (await settings?.()) ?? [] });
    expect(run.output).not.toMatch(/"level":"(?:warn|error)"/);
    expect(run.code).toBe(0);
  },
);

test('what is made is formatted, and free of what the linter finds', { timeout: LIMIT_MS }, async () => {
  const folder = temporaryFolder();
  for (const kind of Object.keys(PIPELINES)) await create(folder, '--kind', kind, '--name', `millrace-${kind}.ip`);
  const all = new PluginProject(folder);
  const bin = (name: string) => join(REPOSITORY, 'node_modules/.bin', name);
  const style = ['--config', join(REPOSITORY, '.prettierrc.json'), '--log-level', 'warn'];
  expect(await all.run(bin('prettier'), '--check', ...style, '.')).toMatchObject({ code: 0, output: '' });
  const sources = Object.keys(PIPELINES).map((kind) => `millrace-${kind}.ip/src`);
  expect(await all.run(bin('oxlint'), '--deny-warnings', ...sources)).toMatchObject({ code: 0 });
});

test(
  'what is published has types that every importer understands, and loads by its name',
  async () => {
    const project = await made('processor', '@acme/millrace-geoip');
    expect(await project.run('npm', 'run', 'build')).toMatchObject({ code: 0 });
    expect(await project.run('npm', 'pack', '--ignore-scripts')).toMatchObject({ code: 0 });
    const packed = readFileSync(join(project.folder, 'acme-millrace-geoip-0.1.0.tgz'));
    const tarball = packed.buffer.slice(packed.byteOffset, packed.byteOffset + packed.length);

    expect((await publint({ pack: { tarball }, level: 'suggestion', strict: true })).messages).toEqual([]);
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
    // A module for Node: `require` gets it as such since Node 22; tools of before are not its users.
    const problems = analysis.types === false ? ['no types'] : analysis.problems.map(({ kind }) => kind);
    expect(problems.filter((kind) => kind !== 'CJSResolvesToESM' && kind !== 'NoResolution')).toEqual([]);

    const user = temporaryFolder();
    mkdirSync(join(user, 'node_modules/@acme'), { recursive: true });
    symlinkSync(project.folder, join(user, 'node_modules/@acme/millrace-geoip'));
    writeFileSync(
      join(user, 'pipeline.yaml'),
      project.read('pipeline.yaml').replace('./src/index.ts', "'@acme/millrace-geoip'"),
    );
    const bin = join(project.folder, 'node_modules/.bin/millrace');
    const found = await new PluginProject(user).run(NODE, bin, 'validate', '--config', 'pipeline.yaml');
    expect(found.output).toBe('valid: 2 pipelines');
  },
  LIMIT_MS,
);

describe('refuses, having written nothing,', () => {
  test.each([
    [['--name', 'x'], 2, '--kind is missing, and there is no terminal to ask on'],
    [[], 2, '--kind and --name are missing, and there is no terminal to ask on'],
    [['--kind', 'sink', '--name', 'x'], 2, 'the kind "sink" does not exist; choose one of receiver, processor'],
    [['--kind', 'receiver', '--name', ''], 2, 'it is empty'],
    [['--kind', 'receiver', '--name', 'My-Thing'], 2, 'it has capital letters'],
    [['--kind', 'receiver', '--name', '../escape'], 2, 'use letters, digits'],
    [['--kind', 'receiver', '--name', '@acme/a/b'], 2, 'use letters, digits'],
    [['--kind', 'receiver', '--name', 'node_modules'], 2, 'npm or Node uses it for something else'],
    [['--kind', 'receiver', '--name', 'http'], 2, 'npm or Node uses it for something else'],
    [['--kind', 'receiver', '--name', 'x'.repeat(215)], 2, 'it has more than 214 characters'],
    [['--kind', 'receiver', '--name', '3d'], 2, 'gives the component type "3d", which must begin with a letter'],
    [['--kind', 'exporter', '--name', '@acme/millrace-file'], 2, "which is taken by one of Millrace's own exporters"],
    [['--kind', 'receiver', '--nmae', 'x'], 2, "Unknown option '--nmae'"],
    [['--kind', 'receiver', '--name', 'taken'], 1, 'taken is not empty (it has file.txt); name another folder'],
    [['--kind', 'receiver', '--name', 'x', '--dir', 'taken/file.txt'], 1, 'file.txt is a file; name another folder'],
    [['--kind', 'receiver', '--name', 'x', '--dir', 'taken/file.txt/x'], 1, 'ENOTDIR'],
  ])('%j', async (args, exitCode, words) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'taken'));
    writeFileSync(join(folder, 'taken/file.txt'), 'precious');
    const { code, output } = await create(folder, ...args);
    expect(output).toMatch(/^error: /);
    expect(output).toContain(words);
    expect(code).toBe(exitCode);
    expect(readdirSync(folder, { recursive: true })).toEqual(['taken', 'taken/file.txt']);
  });
});

describe('on a terminal', () => {
  const onTerminal = (cwd: string) =>
    new Program(['-qefc', `'${NODE}' '${CREATE}'`, '/dev/null'], { command: ['script'], cwd, env: { INIT_CWD: cwd } });

  test('it asks for kind and name until the answers will do', async () => {
    const folder = temporaryFolder();
    const terminal = onTerminal(folder);
    await terminal.shows(/Kind \(receiver, .*\): $/);
    terminal.type('sink\n');
    await terminal.shows(/does not exist; choose one of[\s\S]*Kind \(.*\): $/);
    terminal.type('connector\n');
    await terminal.shows(/Name: $/);
    terminal.type('a b\n');
    await terminal.shows(/cannot be the name[\s\S]*Name: $/);
    terminal.type('my-sums\n');
    await terminal.shows(/Made the connector "my_sums"/);
    expect(await terminal.exited).toMatchObject({ code: 0 });
    expect(readdirSync(join(folder, 'my-sums'))).toContain('package.json');
  });

  test('Ctrl-D makes nothing', async () => {
    const folder = temporaryFolder();
    const terminal = onTerminal(folder);
    await terminal.shows(/Kind \(.*\): $/);
    terminal.type('\u0004');
    await terminal.shows(/error: no answer, so nothing was made/);
    expect(await terminal.exited).toMatchObject({ code: 2 });
    expect(readdirSync(folder)).toEqual([]);
  });
});
