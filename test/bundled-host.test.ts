/** A program that its own bundler has put into one file, and the collector in it. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';
import { beforeAll, describe, expect, test } from 'vitest';
import { atEndOf } from './harness/cleanup.ts';
import { type HostRun, ended } from './harness/host.ts';
import { NODE, Program, REPOSITORY } from './harness/millrace.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

/** Plugins, built-in ones too, come as values. */
const HOST = `
import { defineProcessor, Type } from '@millrace/api';
import batch from '@millrace/processor-batch';
import file from '@millrace/exporter-file';
import otlp from '@millrace/receiver-otlp';
import otlphttp from '@millrace/exporter-otlphttp';
import transform from '@millrace/processor-transform';
import { Collector } from 'millrace';

const shout = defineProcessor({
  type: 'shout', summary: 'Shouts.', stability: 'development', config: Type.Object({}), examples: [],
  create: () => ({ logs(batch) { for (const record of batch.records) record.body = String(record.body).toUpperCase(); } }),
});
const plugins = [shout, batch, file, otlp, otlphttp, transform];
const threads = Number(process.env.THREADS);
const gateway = await Collector.start({ plugins, logger: console, config: \`
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:0" } } } }
processors: { transform: { log_statements: ['set(log.attributes["seen"], true)'] } }
exporters: { file: { path: "\\\${env:FOLDER}/out.jsonl.zst", compression: zstd } }
service: { pipelines: { logs: { receivers: [otlp], processors: [transform], exporters: [file] } } }\` });
const endpoint = gateway.announcements.find(({ what }) => what === 'listens').place;
const agent = await Collector.start({ plugins, logger: console, config: {
  receivers: { in_process: null },
  processors: { shout: null, batch: { timeout: '1ms' } },
  exporters: { otlphttp: { endpoint, compression: 'zstd', sending_queue: { enabled: false } } },
  service: { workers: { threads }, pipelines: { logs: { receivers: ['in_process'], processors: ['shout', 'batch'], exporters: ['otlphttp'] } } },
} }).catch((error) => { console.log(error.code, error.message, error.remedy); process.exit(); });
console.log(await agent.receiver().logs([{ body: 'hello', severity: 'info' }]));
await agent.shutdown();
await gateway.shutdown();
const { readFileSync } = await import('node:fs');
const { zstdDecompressSync } = await import('node:zlib');
const line = JSON.parse(zstdDecompressSync(readFileSync(process.env.FOLDER + '/out.jsonl.zst')).toString());
const [record] = line.resourceLogs[0].scopeLogs[0].logRecords;
console.log(record.body.stringValue, record.severityText, record.attributes[0].key);
`;

/** Names a built-in component without passing its plugin. */
const FORGETFUL = `
import { Collector } from 'millrace';
await Collector.start({ config: {
  receivers: { in_process: null }, exporters: { otlphttp: { endpoint: 'http://127.0.0.1:9' } },
  service: { pipelines: { logs: { receivers: ['in_process'], exporters: ['otlphttp'] } } },
} }).catch((error) => console.log(error.message));
`;

/** CommonJS packages ask for Node's modules with \`require\`, which modules have not. */
const BANNER =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

const BUNDLERS = {
  esbuild: async (entry: string, outfile: string) => {
    const banner = { js: BANNER };
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner,
      logLevel: 'error',
    });
  },
  rolldown: async (entry: string, file: string) => {
    const bundle = await rolldown({ input: entry, platform: 'node' });
    await bundle.write({ file, format: 'esm', codeSplitting: false });
    await bundle.close();
  },
};

describe.each(Object.entries(BUNDLERS))('bundled with %s', (_name, bundler) => {
  let host = '';
  let forgetful = '';

  beforeAll(async () => {
    const source = inRepository();
    const folder = temporaryFolder('file');
    for (const [name, text] of [
      ['host', HOST],
      ['forgetful', FORGETFUL],
    ] as const) {
      writeFileSync(join(source, `${name}.ts`), text);
      await bundler(join(source, `${name}.ts`), join(folder, `${name}.mjs`));
    }
    [host, forgetful] = [join(folder, 'host.mjs'), join(folder, 'forgetful.mjs')];
  });

  const run = (file: string, env: Record<string, string>): Promise<HostRun> =>
    ended(new Program([], { command: [NODE, file], env }));

  test('the program runs, with plugins as values', async () => {
    const { code, stdout, stderr } = await run(host, { THREADS: '0', FOLDER: temporaryFolder() });
    expect(stderr).toEqual([]);
    expect(stdout).toEqual(['{ items: 1 }', 'HELLO INFO seen']);
    expect(code).toBe(0);
  });

  test('workers are refused, with what to do', async () => {
    const { stdout } = await run(host, { THREADS: '1', FOLDER: temporaryFolder() });
    expect(stdout).toEqual([
      expect.stringMatching(
        /^WORKERS_IN_BUNDLE workers cannot be started: .* set service.workers.threads: 0, or leave/,
      ),
    ]);
  });

  test('a built-in plugin that was not passed is named, with what to do', async () => {
    const { stdout } = await run(forgetful, {});
    expect(stdout.join('\n')).toContain("import plugin from '@millrace/exporter-otlphttp', then plugins: [plugin]");
  });

  test('so it is where another copy of Millrace is installed: two copies would not agree about errors', async () => {
    const beside = join(inRepository(), 'forgetful.mjs');
    copyFileSync(forgetful, beside);
    const { stdout } = await run(beside, {});
    expect(stdout.join('\n')).toContain('it would bring another copy of @millrace/api with it');
  });
});

/** A folder from which the repository's packages are found. */
function inRepository(): string {
  const folder = mkdtempSync(join(REPOSITORY, 'node_modules', '.bundled-host-'));
  atEndOf('file', () => rmSync(folder, { recursive: true }));
  return folder;
}
