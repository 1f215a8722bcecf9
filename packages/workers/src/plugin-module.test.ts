import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// In a process of its own: the test runner resolves imports by itself, which is what is tested here.

interface Answer {
  readonly url?: string;
  readonly types?: readonly string[];
  readonly sameApi?: boolean;
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly remedy?: string;
}

/** Loads every plugin named, and prints an array of answers. */
const LOADER = `
  const [index, api, dir, ...specifiers] = process.argv.slice(1);
  const { loadPluginModule } = await import(index);
  const { DeliveryError } = await import(api);
  const answers = [];
  for (const specifier of specifiers) {
    try {
      const { url, definitions } = await loadPluginModule(specifier, dir);
      const sameApi = definitions.every((each) => [undefined, DeliveryError].includes(each.DeliveryError));
      answers.push({ url, types: definitions.map((each) => each.type), sameApi });
    } catch ({ name, code, message, remedy }) {
      answers.push({ name, code, message, remedy });
    }
  }
  console.log(JSON.stringify(answers));
`;

let dir: string;

async function load(...specifiers: string[]): Promise<{ answers: Answer[]; stderr: string }> {
  const index = new URL('./index.ts', import.meta.url).href;
  const args = ['--input-type=module', '-e', LOADER, index, import.meta.resolve('@millrace/api'), dir, ...specifiers];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: tmpdir() });
  return { answers: JSON.parse(stdout) as Answer[], stderr };
}

const processor = (type: string, more = '') => `
import { defineProcessor, DeliveryError, Type } from '@millrace/api';
import type { StepTools } from '@millrace/api';
import { countItems } from '@millrace/otlp';
${more}
const about = { summary: 's', stability: 'beta', config: Type.Object({}), examples: [] } as const;
export default Object.assign(defineProcessor({
  type: '${type}',
  ...about,
  create: (_config: unknown, _tools: StepTools) => ({ logs: (batch) => void countItems('logs', batch.toBytes()) }),
}), { DeliveryError });
`;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millrace-plugins-'));
  const write = async (path: string, text: string) => {
    await mkdir(join(dir, path, '..'), { recursive: true });
    await writeFile(join(dir, path), text);
  };
  await write('lone.ts', processor('lone', "import { helper } from './helper.ts';\nvoid helper;"));
  await write('helper.ts', 'export const helper: number = 1;\n');
  await write(
    'list.mjs',
    "import { defineReceiver } from '@millrace/api';\nconst one = { summary: 's', config: {}, examples: [], signals: [], create: () => ({}) };\n" +
      "export default [defineReceiver({ type: 'a', ...one }), defineReceiver({ type: 'b', ...one })];\n",
  );
  await write('broken.ts', 'const a: number = 3;\nexport default { a: ;\n');
  await write('broken.mjs', 'const a = 3;\nexport default { a: ;\n');
  await write('enum.ts', 'export enum A { B }\n');
  await write('throws.ts', "\nthrow new Error('no database');\nexport {};\n");
  await write('nothing.ts', 'export const a = 1;\n');
  await write('garbage.ts', "export default { type: 'x' };\n");
  await write('old.ts', "export default { kind: 'processor', type: 'x', api: 0 };\n");
  await write('lost.ts', "import './gone.ts';\nexport default 1;\n");
  await write('node_modules/good/package.json', '{"name":"good","type":"module","exports":"./index.js"}');
  await write(
    'node_modules/good/index.js',
    processor('good').replace(/^import type.*$|: unknown|: StepTools| as const/gm, ''),
  );
  await write('node_modules/typed/package.json', '{"name":"typed","type":"module","exports":"./index.ts"}');
  await write('node_modules/typed/index.ts', processor('typed'));
});

afterAll(() => rm(dir, { recursive: true }));

const FAULTS = [
  ['./missing.ts', 'PLUGIN_NOT_FOUND', /plugin file .*missing\.ts does not exist/],
  ['./node_modules', 'PLUGIN_NOT_FOUND', /is not a file/],
  ['@acme/absent', 'PLUGIN_NOT_FOUND', /plugin package @acme\/absent cannot be found from /],
  ['./broken.ts', 'PLUGIN_SYNTAX', /does not parse: .*broken\.ts:2:21: Expression expected/],
  ['./broken.mjs', 'PLUGIN_SYNTAX', /does not parse: .*broken\.mjs:2:21: Unexpected token ';'/],
  ['./enum.ts', 'PLUGIN_SYNTAX', /enum\.ts:1:8: .*enum is not supported/],
  ['./throws.ts', 'PLUGIN_THROWS_AT_IMPORT', /throws when it is imported: .*throws\.ts:2:7: no database/],
  ['./nothing.ts', 'PLUGIN_EXPORTS_NOTHING', /has no default export/],
  ['./garbage.ts', 'PLUGIN_EXPORTS_GARBAGE', /is not a component definition/],
  ['./old.ts', 'PLUGIN_API_VERSION', /version 0 of the plugin API; this collector has version 1/],
  ['./lost.ts', 'PLUGIN_IMPORT_MISSING', /gone\.ts/],
  ['typed', 'PLUGIN_TYPESCRIPT_IN_PACKAGE', /TypeScript under node_modules/],
] as const;

describe('loadPluginModule', () => {
  it('loads files and packages from anywhere, with the collector’s own copies of what they import, and no warnings', async () => {
    const { answers, stderr } = await load('./lone.ts', 'good', `${dir}/list.mjs`);
    expect(answers).toEqual([
      { url: `file://${dir}/lone.ts`, types: ['lone'], sameApi: true },
      { url: `file://${dir}/node_modules/good/index.js`, types: ['good'], sameApi: true },
      { url: `file://${dir}/list.mjs`, types: ['a', 'b'], sameApi: true },
    ]);
    expect(stderr).toBe('');
  });

  it('says what is wrong with a plugin, and where', async () => {
    const { answers } = await load(...FAULTS.map(([specifier]) => specifier));
    expect(answers).toEqual(
      FAULTS.map(([, code, message]) => ({
        name: 'ComponentError',
        code,
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(/\w/),
      })),
    );
  });
});

describe('a plugin that changes', () => {
  /** Loads `changing.ts` again and again, after each of these edits. */
  const EDITOR = `
    const [index, dir] = process.argv.slice(1);
    const { loadPluginModule, pluginFiles, locatePlugin } = await import(index);
    const { writeFileSync, utimesSync, rmSync } = await import('node:fs');
    const { join } = await import('node:path');
    let at = 1_000_000;
    const write = (name, text) => { writeFileSync(join(dir, name), text); utimesSync(join(dir, name), ++at, at); };
    const plugin = (more = '') => "import { defineProcessor } from '@millrace/api';\\nimport { type } from './changing-type.ts';\\n" + more +
      "export default defineProcessor({ type, summary: 's', stability: 'beta', config: {}, examples: [], create: () => ({ logs() {} }) });";
    const said = [];
    const load = async () => {
      try {
        const { url, definitions } = await loadPluginModule('./changing.ts', dir);
        said.push([definitions[0].type, url.replace(/.*changing/, 'changing')].join(' '));
      } catch (error) { said.push(error.code + ' ' + error.message.replaceAll(dir, '')); }
    };
    write('changing.ts', plugin()); write('changing-deep.ts', "export const deep: string = 'a';");
    write('changing-type.ts', "export { deep as type } from './changing-deep.ts';"); await load();
    await load();
    write('changing-deep.ts', "export const deep: string = 'b';"); await load();
    write('changing-deep.ts', "export const deep: string = 'c;"); await load();
    await load();
    write('changing-deep.ts', "export const deep: string = 'd';"); await load();
    write('changing.ts', plugin("import './changing-none.ts';")); await load();
    write('changing-none.ts', "\\nconst x: number = 1; throw new Error('no ' + x);"); await load();
    write('changing-none.ts', ""); await load();
    said.push(pluginFiles(locatePlugin('./changing.ts', dir)).map((file) => file.replace(dir, '')).sort().join(' '));
    console.log(JSON.stringify(said));
  `;

  it('is imported anew with all that it imports by paths, also after it was broken, and not where nothing has changed', async () => {
    const index = new URL('./index.ts', import.meta.url).href;
    const args = ['--input-type=module', '-e', EDITOR, index, dir];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: tmpdir() });
    expect(JSON.parse(stdout)).toEqual([
      'a changing.ts',
      'a changing.ts',
      'b changing.ts?version=1',
      expect.stringMatching(/^PLUGIN_SYNTAX plugin .\/changing.ts does not parse: \/changing-deep.ts:1:\d+: /),
      expect.stringMatching(/^PLUGIN_SYNTAX plugin .\/changing.ts does not parse: \/changing-deep.ts:1:\d+: /),
      'd changing.ts?version=3',
      expect.stringMatching(/^PLUGIN_IMPORT_MISSING .*changing-none.ts/),
      'PLUGIN_THROWS_AT_IMPORT plugin ./changing.ts throws when it is imported: /changing-none.ts:2:28: no 1',
      'd changing.ts?version=6',
      '/changing-deep.ts /changing-none.ts /changing-type.ts /changing.ts',
    ]);
  });
});

describe('a plugin outside of the repository', () => {
  it('runs on workers', async () => {
    const { branch, chunksOf, Fixture, plan, step } = await import('./testing/fixture.ts');
    const { bodiesOf, logs } = await import('./testing/logs.ts');
    const lone = step('transform', 'lone', {}, `file://${dir}/lone.ts`);
    const fixture = await new Fixture(1).start(plan([branch([lone])]));
    const seen = await fixture.run([logs(['a'])]);
    expect(seen.parts).toEqual([{ items: 1, failedItems: 0, error: undefined }]);
    expect(bodiesOf(chunksOf(seen))).toEqual(['a']);
    await fixture.mill.shutdown();
  });
});
