/** `millrace dev`: a plugin is edited while data flows through it. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Destination, directly } from './harness/destination.ts';
import { launchCollector, Millrace, REPOSITORY } from './harness/millrace.ts';
import { idsOf, postLogs } from './harness/requests.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const RELOADED = 'reloaded';
const REFUSED = 'the new configuration was not taken, the old one stays in effect';

/** A processor that writes `value` of its helper into each record; `line` is the fifth line of its file. */
function plugin(line = "record.attributes.set('version', version);"): string {
  return `import { defineProcessor, Type } from '@millrace/api';
import { version } from './helper.ts';
export default defineProcessor({
  type: 'mine', summary: 'Marks.', stability: 'development', config: Type.Object({}), examples: [],
  create: () => ({ logs(batch) { for (const record of batch.records) {
    ${line}
  } } }),
});
`;
}

const helper = (version: string) => `export const version: string = '${version}';\n`;

interface Setting {
  readonly destination: Destination;
  readonly threads?: number;
  /** Whether the configuration names the plugin, and not the command line. */
  readonly named?: boolean;
  /** Whether nothing is installed beside the plugin. */
  readonly lone?: boolean;
}

/** A folder with a plugin, the packages that it needs, and a configuration; and `dev` on it. */
async function developing({ destination, threads = 0, named = false, lone = false }: Setting): Promise<Millrace> {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'node_modules'));
  for (const name of lone ? [] : ['@millrace', 'typescript', '@types']) {
    symlinkSync(join(REPOSITORY, 'node_modules', name), join(cwd, 'node_modules', name));
  }
  writeFileSync(join(cwd, 'my-plugin.ts'), plugin());
  writeFileSync(join(cwd, 'helper.ts'), helper('1'));
  const yaml = `
${named ? 'plugins: [./my-plugin.ts]' : ''}
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
processors: { mine: }
exporters: { otlphttp: ${directly(destination)} }
service:
  workers: { threads: ${threads} }
  telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus: { host: 127.0.0.1, port: 0 } } } }] } }
  pipelines: { logs: { receivers: [otlp], processors: [mine], exporters: [otlphttp] } }
`;
  writeFileSync(join(cwd, 'config.yaml'), yaml);
  const args = ['dev', '--config', 'config.yaml', ...(named ? [] : ['--plugin', './my-plugin.ts'])];
  return new Millrace(args, yaml, { cwd }).ready();
}

/** Saves a file, and waits until that is in effect, or refused. */
async function save(collector: Millrace, file: string, text: string, message = RELOADED): Promise<void> {
  const count = () => collector.log.entries.filter(({ msg }) => msg === message).length;
  const before = count();
  writeFileSync(join(collector.cwd, file), text);
  await collector.log.find(() => count() > before);
}

/** What the plugin wrote into the record with this id. */
function versionOf(destination: Destination, id: string): unknown {
  const item = destination.items.entries.find((each) => idsOf([each])[0] === id);
  return (item?.content['attributes'] as Record<string, unknown> | undefined)?.['version'];
}

describe.each([0, 1])('with %i worker threads', (threads) => {
  test('edits of a plugin and of what it imports take effect under load, and nothing is lost', async () => {
    const destination = await Destination.start();
    const collector = await developing({ destination, threads });
    const sent: string[] = [];
    const statuses = new Set<number>();
    const load = { isOver: false };
    const sending = (async () => {
      while (!load.isOver) {
        const id = `load-${sent.length}`;
        sent.push(id);
        statuses.add((await postLogs(collector.http(), [id])).status);
      }
    })();
    const seen: unknown[] = [];
    const look = async (id: string) => {
      expect((await postLogs(collector.http(), [id])).status).toBe(200);
      seen.push(versionOf(destination, id));
    };
    await look('first');
    await save(collector, 'helper.ts', helper('2'));
    await look('second');
    await save(collector, 'my-plugin.ts', plugin("record.attributes.set('version', `${version}+`);"));
    await look('third');
    await save(collector, 'helper.ts', helper('3'));
    await look('fourth');
    load.isOver = true;
    await sending;
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
    expect(seen).toEqual(['1', '2', '2+', '3+']);
    expect([...statuses]).toEqual([200]);
    const arrived = idsOf(destination.items.entries).filter((id) => id.startsWith('load-'));
    expect(arrived.toSorted()).toEqual(sent.toSorted());
    expect(collector.text()).toMatch(/reloaded in \d+ ms/);
  });
});

describe('an edit that is no good is shown with its line, and the old version goes on', () => {
  async function expectRefused(file: string, text: string, shown: RegExp, lone = false): Promise<void> {
    const destination = await Destination.start();
    const collector = await developing({ destination, named: true, lone });
    await save(collector, file, text, REFUSED);
    await collector.shows(shown);
    await collector.shows(/the old version goes on/);
    expect((await postLogs(collector.http(), ['old'])).status).toBe(200);
    expect(versionOf(destination, 'old')).toBe('1');
    // And it is taken up again once it is mended.
    await save(collector, 'helper.ts', helper('4'), RELOADED).catch(() => undefined);
    if (file !== 'helper.ts') await save(collector, file, plugin());
    expect((await postLogs(collector.http(), ['new'])).status).toBe(200);
    expect(versionOf(destination, 'new')).toBe('4');
  }

  test.each([false, true])('a type error (with nothing installed beside the plugin: %s)', (lone) =>
    expectRefused(
      'helper.ts',
      'export const version: string = 5;\n',
      /error {2}helper\.ts:1:14 {2}TS2322: .*\n *> 1 \| export const version: string = 5;\n +\| +\^/,
      lone,
    ),
  );

  test('a syntax error', () =>
    expectRefused(
      'helper.ts',
      'export const version: string = ;\n',
      /error {2}helper\.ts:1:32 {2}.*\n *> 1 \| export const version/,
    ));

  test('an error at import', () =>
    expectRefused(
      'helper.ts',
      "export const version: string = '6';\nthrow new Error('no licence');\n",
      /error {2}helper\.ts:2:7 {2}.*no licence\n[^]*> 2 \| throw new Error/,
    ));
});

test('what a step throws is shown once, with its line', async () => {
  const destination = await Destination.start();
  const collector = await developing({ destination, threads: 1 });
  await save(
    collector,
    'my-plugin.ts',
    plugin("if (record.body !== undefined) throw new Error('no such ' + version);"),
  );
  expect((await postLogs(collector.http(), ['a'])).status).toBe(400);
  expect((await postLogs(collector.http(), ['b'])).status).toBe(400);
  await collector.shows(/error {2}my-plugin\.ts:6:42 {2}processor "mine" failed: no such 1\n[^]*> 6 \| {5}if \(record/);
  expect(collector.text().match(/no such 1/g)).toHaveLength(1);
});

test('run --watch takes up files that a plugin imports', async () => {
  const destination = await Destination.start();
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'my-plugin.ts'), plugin());
  writeFileSync(join(cwd, 'helper.ts'), helper('1'));
  const collector = launchCollector(
    `
plugins: [./my-plugin.ts]
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
processors: { mine: }
exporters: { otlphttp: ${directly(destination)} }
service:
  pipelines: { logs: { receivers: [otlp], processors: [mine], exporters: [otlphttp] } }
`,
    { cwd, args: ['--watch'] },
  );
  await collector.ready();
  await save(collector, 'helper.ts', helper('2'));
  expect((await postLogs(collector.http(), ['a'])).status).toBe(200);
  expect(versionOf(destination, 'a')).toBe('2');
});
