/** The command line as a person meets it. */
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { atEndOf } from './harness/cleanup.ts';
import { Destination, directly } from './harness/destination.ts';
import { BIN, REPOSITORY, runMillrace, startCollector } from './harness/millrace.ts';
import { itemsOfLines } from './harness/otlp-items.ts';
import { ensurePrograms, INSTALL_TIMEOUT_MS, pipeThrough } from './harness/programs.ts';
import { idList, idsOf, logsJson, post, postLogs } from './harness/requests.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const QUICKSTART = join(REPOSITORY, 'configs', 'quickstart.yaml');

/** A folder with these files. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Runs a command in a folder with these files. */
function millrace(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
  env: Record<string, string> = {},
) {
  return runMillrace(args, { cwd: folderWith(files), env });
}

const SMALL = `
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
exporters: { nop: }
service: { pipelines: { logs: { receivers: [otlp], exporters: [nop] } } }
`;

describe('validate', () => {
  test('reports every mistake of a file at once, each with its place, and ends with 1', async () => {
    const yaml = `receivers:
  otlp:
    protocols:
      http: { endpoint: 127.0.0.1:0, max_request_body_size: lots }
  otpl/typo:
processors:
  batch: { send_batch_size: 100, send_batch_max_size: 10 }
  memory_limiter: { check_interval: 0s, limit_mib: 100 }
exporters:
  nop: { verbose: true }
  otlphttp:
  file: { path: out, compression: zst }
service:
  telemetry: { logs: { level: loud } }
  pipelines:
    logs: { receivers: [otlp, otpl/typo], processors: [bach, batch, memory_limiter], exporters: [nop, nopp] }
    log: { receivers: [otlp], exporters: [otlphttp, file] }
    traces: { receivers: [], exporters: [nop] }
`;
    const { code, stdout, stderr } = await millrace(['validate', '--config', 'c.yaml'], { 'c.yaml': yaml });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.split('\n')).toEqual([
      'c.yaml:4:61  error  receivers.otlp.protocols.http.max_request_body_size  must be a whole number, got the text "lots"  write digits only',
      'c.yaml:5:3  error  receivers.otpl/typo  there is no receiver of the type "otpl"  did you mean "otlp"?',
      'c.yaml:7:55  error  processors.batch.send_batch_max_size  is 10, less than send_batch_size (100)  raise it, or lower send_batch_size',
      'c.yaml:8:37  error  processors.memory_limiter.check_interval  must be greater than zero  set check_interval: 1s',
      'c.yaml:10:10  error  exporters.nop.verbose  the key "verbose" is not known  there are no known keys',
      'c.yaml:11:3  error  exporters.otlphttp.endpoint  at least one endpoint is needed  set endpoint, such as http://localhost:4318',
      'c.yaml:12:35  error  exporters.file.compression  must be one of "", none, gzip, zstd, lz4, got "zst"  did you mean "zstd"?',
      'c.yaml:14:31  error  service.telemetry.logs.level  the level "loud" is not known  levels: debug, dpanic, error, fatal, info, panic, warn',
      'c.yaml:16:56  error  service.pipelines.logs.processors[0]  the processor "bach" is not defined  did you mean "batch"?',
      'c.yaml:16:103  error  service.pipelines.logs.exporters[1]  the exporter "nopp" is not defined  did you mean "nop"?',
      'c.yaml:17:5  error  service.pipelines.log  the pipeline "log" is for the unknown signal "log"  did you mean "logs"?',
      'c.yaml:18:5  error  service.pipelines.traces.receivers  the pipeline "traces" has no receivers  name at least one: receivers: [otlp]',
      '12 errors',
    ]);
  });

  test('tells where files are named that are not there', async () => {
    const yaml = `receivers: { otlp: { protocols: { http: } } }
processors:
  encrypt:
    keys: [{ kid: k, file: ./no.key }]
    fields: [{ names: [user] }]
  lookup:
    source: { type: csv, path: ./no.csv, key_column: id }
    lookups: [{ key: 'attributes["id"]', prefix: x. }]
exporters: { nop: }
service: { pipelines: { logs: { receivers: [otlp], processors: [encrypt, lookup], exporters: [nop] } } }
`;
    const { code, stderr } = await millrace(['validate', '--config', 'c.yaml'], { 'c.yaml': yaml });
    expect(code).toBe(1);
    expect(stderr).toMatch(/c\.yaml:4:28.*processors\.encrypt\.keys\[0\]\.file.*"\.\/no\.key": there is no such file/s);
    expect(stderr).toMatch(/c\.yaml:7:32.*processors\.lookup\.source\.path.*"\.\/no\.csv": there is no such file/s);
  });

  test('run says the same as validate, and starts nothing', async () => {
    const files = { 'c.yaml': SMALL.replace('nop:', 'nop: { a: 1 }') };
    const [validated, run] = await Promise.all([
      millrace(['validate', '--config', 'c.yaml'], files),
      millrace(['--config', 'c.yaml'], files),
    ]);
    expect(run).toEqual(validated);
    expect(run).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^c\.yaml:3:21 {2}error {2}exporters\.nop\.a .*\n1 error$/) as string,
    });
  });

  test('warnings are told from errors, and do not make a configuration invalid', async () => {
    const unused = SMALL.replace('nop: }', 'nop: , debug: }');
    const good = await millrace(['validate', '--config', 'c.yaml'], { 'c.yaml': unused });
    expect(good).toMatchObject({ code: 0, stdout: 'valid: 1 pipeline, 1 warning' });
    expect(good.stderr).toMatch(/^c\.yaml:3:21 {2}warning {2}exporters\.debug {2}[^\n]*$/);
    const bad = await millrace(['validate', '--config', 'c.yaml'], { 'c.yaml': unused.replace('otlp:', 'otlq:') });
    expect(bad).toMatchObject({ code: 1, stdout: '' });
    expect(bad.stderr).toMatch(/ {2}warning {2}.* {2}error {2}.*\n\d errors, 2 warnings$/s);
  });

  test('broken YAML is reported with its place', async () => {
    const { code, stderr } = await millrace(['validate', '-c', 'c.yaml'], { 'c.yaml': 'receivers:\n  otlp: [\n' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^c\.yaml:\d+:\d+ {2}/);
  });

  test('a file that is not there is named', async () => {
    const { code, stderr } = await millrace(['validate', '-c', 'missing.yaml']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot read the file "missing\.yaml": there is no such file/);
  });

  test('accepts the quickstart, and a good file takes no port and writes nothing', async () => {
    const folder = folderWith({
      'c.yaml': SMALL.replaceAll('nop', 'file').replace('file: }', 'file: { path: out } }'),
    });
    expect(await runMillrace(['validate', '--config', 'c.yaml'], { cwd: folder })).toEqual({
      code: 0,
      stdout: 'valid: 1 pipeline',
      stderr: '',
    });
    expect(() => statSync(join(folder, 'out'))).toThrow(/ENOENT/);
    expect(await millrace(['validate', '--config', QUICKSTART])).toMatchObject({
      code: 0,
      stdout: 'valid: 3 pipelines',
    });
  });
});

describe('configuration', () => {
  test('several files are merged: maps deep, lists replaced, null erases; --set comes last', async () => {
    const { code, stdout } = await millrace(
      ['print-config', '--config', 'a.yaml', '--config', 'b.yaml', '--set', 'service.shutdown_timeout=7s'],
      {
        'a.yaml': `${SMALL}processors: { batch: { timeout: 1s, send_batch_size: 10 } }\n`,
        'b.yaml': `
processors: { batch: { timeout: 2s } }
exporters: { nop: null, otlphttp: { endpoint: "http://localhost:4318" } }
service: { shutdown_timeout: 5s, pipelines: { logs: { processors: [batch], exporters: [otlphttp] } } }
`,
      },
    );
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({
      processors: { batch: { timeout: '2s', send_batch_size: 10 } },
      exporters: { otlphttp: { endpoint: 'http://localhost:4318' } },
      service: {
        shutdown_timeout: '7s',
        pipelines: { logs: { receivers: ['otlp'], processors: ['batch'], exporters: ['otlphttp'] } },
      },
    });
  });

  test('${env:X:-d} takes the variable, or the default; $$ is a dollar; strings stay as written', async () => {
    const yaml = SMALL.replace(
      '127.0.0.1:0',
      '"${env:HOST:-127.0.0.1}:${env:PORT:-0}", response_headers: { a: "$$5 ${env:NOTHING:-}", b: 0123 }',
    );
    const shown = async (env: Record<string, string>) => {
      const { stdout } = await millrace(['print-config', '--config', 'c.yaml'], { 'c.yaml': yaml }, env);
      return (parse(stdout) as { receivers: { otlp: { protocols: { http: object } } } }).receivers.otlp.protocols.http;
    };
    expect(await shown({})).toMatchObject({ endpoint: '127.0.0.1:0' });
    expect(await shown({ HOST: 'localhost', PORT: '4319' })).toMatchObject({ endpoint: 'localhost:4319' });
  });

  test('configurations come from the environment, from the command line and over HTTP, too', async () => {
    const server = createServer((call, response) => {
      response.writeHead(call.url === '/config.yaml' ? 200 : 404).end(SMALL);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    atEndOf('test', () => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await millrace(['validate', '--config', `${url}/config.yaml`])).toMatchObject({ code: 0 });
    expect(await millrace(['validate', '--config', `${url}/nothing.yaml`])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/nothing\.yaml.*404/) as string,
    });
    expect(await millrace(['validate', '--config', 'env:CONFIG'], {}, { CONFIG: SMALL })).toMatchObject({ code: 0 });
    expect(
      await millrace(['validate', '--config', 'c.yaml', '--config', 'yaml:service::shutdown_timeout: 1x'], {
        'c.yaml': SMALL,
      }),
    ).toMatchObject({ code: 1, stderr: expect.stringMatching(/service\.shutdown_timeout.*1x/) as string });
  });

  test('print-config shows no secret, wherever it stands', async () => {
    const yaml = SMALL.replace(
      'nop: }',
      `nop:, otlphttp: { endpoint: "https://user:\${env:PASSWORD}@example.com", headers: { authorization: "Bearer \${env:TOKEN}" }, tls: { key_pem: "\${env:KEY}" } } }`,
    ).replace('[nop]', '[nop, otlphttp]');
    const env = { PASSWORD: 'hunter2', TOKEN: 's3cr3t-token', KEY: 'pem-of-the-key' };
    const { code, stdout, stderr } = await millrace(['print-config', '--config', 'c.yaml'], { 'c.yaml': yaml }, env);
    expect(code).toBe(0);
    for (const secret of Object.values(env)) expect(stdout + stderr).not.toContain(secret);
    expect(stdout).toContain('https://user:[REDACTED]@example.com');
  });
});

test('graph names the setting that a file exporter lacks to be safe, and it is the right one', async () => {
  const yaml = (settings: string) => SMALL.replaceAll('nop', 'file').replace('file: }', `file: ${settings} }`);
  const shown = async (settings: string) =>
    (await millrace(['graph', '--config', 'c.yaml'], { 'c.yaml': yaml(settings) })).stdout;
  expect(await shown('{ path: out }')).toContain('in memory: lost on a crash (file lacks fsync: true)');
  expect(await shown('{ path: out, fsync: true }')).toContain('at least once: acknowledged when delivered');
});

describe('slips on the command line', () => {
  test.each([
    [['validat', '--config', 'c.yaml'], 'error: unknown command "validat", did you mean "validate"?'],
    [['pipeline.yaml'], 'error: unknown command "pipeline.yaml", to run a file: millrace --config pipeline.yaml'],
    [['bogus', '--json'], 'error: unknown command "bogus"'],
    [[''], 'error: unknown command ""'],
  ])('%j is no command, and those that exist are listed', async (args, message) => {
    const { code, stderr } = await millrace(args);
    const commands =
      'run, dev, validate, print-config, graph, explain, test, components, schema, cat, keygen, replay, generate, ' +
      'tap, top, reload, queue';
    expect([code, stderr]).toEqual([2, `${message} (commands: ${commands}; millrace --help says more)`]);
  });

  test.each([
    [['--config', '.'], 'cannot read the file ".": it is a directory  name a file in it; it is relative to '],
    [['cat', '.'], 'millrace cat: .: it is a directory; name a file in it'],
    [['cat', 'plain.txt'], 'millrace cat: plain.txt: is no telemetry file: the file exporter writes OTLP as JSON'],
    [['cat', 'plain.txt', '--identity', '.'], 'cannot read the identity ".": it is a directory; name a file in it'],
    [['cat', 'plain.txt/x'], 'a part of its path is a file, not a directory; check the path'],
    [['keygen', '.'], 'cannot read ".": it is a directory; name a file in it'],
  ])('%j says what is there and what to do, not a number of the system', async (args, message) => {
    const { code, stderr } = await millrace(args, { 'plain.txt': 'Dear reader,\n' });
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/E[A-Z]{4,}/);
  });

  test('an override of a section that does not exist is refused, also where nothing else is checked', async () => {
    const shown = ['print-config', '--config', 'c.yaml', '--set'];
    expect(await millrace([...shown, 'a::b=v'], { 'c.yaml': SMALL })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^--set a::b.* {2}error {2}a {2}the section "a" is not known.*\n1 error$/,
      ) as string,
    });
    expect(await millrace([...shown, 'service::shutdown_timeout=7s'], { 'c.yaml': SMALL })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('shutdown_timeout: 7s') as string,
    });
  });

  test('npm run millrace takes paths from the folder where it was called', async () => {
    const cwd = folderWith({ 'here.yaml': SMALL });
    const run = spawnSync(
      'npm',
      ['--prefix', REPOSITORY, 'run', '--silent', 'millrace', '--', 'validate', '-c', 'here.yaml'],
      {
        cwd,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: cwd, NO_COLOR: '1', MILLRACE_SET_UP: '1' },
      },
    );
    expect(run).toMatchObject({ status: 0, stdout: 'valid: 1 pipeline\n' });
  });
});

describe('schema', () => {
  let validate: ValidateFunction;

  beforeAll(async () => {
    const { code, stdout } = await runMillrace(['schema'], { lifetime: 'file' });
    expect(code).toBe(0);
    validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(JSON.parse(stdout));
  });

  const faultsOf = (text: string) => {
    void validate(parse(text, { merge: true }));
    return (validate.errors ?? []).map(({ instancePath, params }) => ({ instancePath, params }));
  };

  test('accepts the quickstart and a small configuration', () => {
    expect(faultsOf(readFileSync(QUICKSTART, 'utf8'))).toEqual([]);
    expect(faultsOf(SMALL)).toEqual([]);
  });

  test('rejects a key with a typo, and points at it', () => {
    expect(faultsOf(SMALL.replace('endpoint:', 'endpiont:'))).toContainEqual({
      instancePath: '/receivers/otlp/protocols/http',
      params: { additionalProperty: 'endpiont' },
    });
    expect(faultsOf(SMALL.replace('exporters: {', 'exportres: {'))).toContainEqual({
      instancePath: '',
      params: { additionalProperty: 'exportres' },
    });
  });

  test('has the plugins that are named, too', async () => {
    const folder = folderWith({ 'shout.ts': SHOUT });
    const { stdout } = await runMillrace(['schema', '--plugin', './shout.ts'], { cwd: folder });
    expect(stdout).toContain('Makes bodies loud.');
  });
});

describe('components and graph', () => {
  test('components lists every built-in with its summary, and as JSON', async () => {
    const [text, json] = await Promise.all([millrace(['components']), millrace(['components', '--json'])]);
    const rows = JSON.parse(json.stdout) as { kind: string; type: string; summary: string }[];
    const ids = rows.map(({ kind, type }) => `${kind} ${type}`).sort();
    const folders = readdirSync(join(import.meta.dirname, '../plugins'));
    // A folder has one component, and where the Collector knew it by another name once, that one as well.
    const older = ['exporter logging'];
    expect(ids).toEqual([...folders.map((name) => name.replace('-', ' ').replaceAll('-', '_')), ...older].sort());
    for (const { type, summary } of rows) expect(text.stdout).toMatch(new RegExp(`  ${type} +${summary.slice(0, 20)}`));
    expect([text.code, json.code]).toEqual([0, 0]);
  });

  test('graph draws a tree that says what an acknowledgement means, and a Mermaid flowchart', async () => {
    const yaml = `
receivers: { otlp: { protocols: { http: } } }
processors: { batch: }
exporters: { nop: , otlphttp: { endpoint: "http://localhost:1", sending_queue: { wait_for_result: true } } }
connectors: { forward: }
service:
  pipelines:
    logs/in: { receivers: [otlp], processors: [batch], exporters: [forward] }
    logs/out: { receivers: [forward], exporters: [otlphttp] }
`;
    const tree = await millrace(['graph', '--config', 'c.yaml'], { 'c.yaml': yaml });
    expect(tree.code).toBe(0);
    expect(tree.stdout).toMatch(/^logs\/in .*acknowledged when delivered/m);
    expect(tree.stdout).toMatch(/├─ receiver {2}otlp\n├─ processor batch\n└─ exporter {2}forward/);
    const chart = await millrace(['graph', '--format', 'mermaid', '--config', 'c.yaml'], { 'c.yaml': yaml });
    expect(chart.stdout.split('\n')[0]).toBe('flowchart LR');
    expect(chart.stdout).toContain('receiver_otlp(["otlp"]) --> logs_in_processor_batch');
    expect(chart.stdout).toContain('logs_in_processor_batch --> connector_forward{{"forward"}}');
    expect(chart.stdout).toContain('connector_forward{{"forward"}} --> logs_out_through');
  });
});

describe('help and exit codes', () => {
  test('--help names every command, the exit codes and examples', async () => {
    const { code, stdout } = await millrace(['--help']);
    expect(code).toBe(0);
    for (const word of [
      'run',
      'validate',
      'print-config',
      'graph',
      'components',
      'schema',
      'cat',
      'keygen',
      'replay',
      'generate',
      'queue',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${word} `, 'm'));
    }
    expect(stdout).toMatch(/Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 /);
    expect(stdout).toContain('millrace --config pipeline.yaml');
  });

  test.each([
    [[], /name a configuration with --config FILE/],
    [['--config'], /argument missing/],
    [['frobnicate'], /frobnicate|arguments/],
    [['--frobnicate'], /unknown option '--frobnicate'/],
    [['graph', '--config', 'c.yaml', '--format', 'jpeg'], /tree, mermaid/],
    [['cat'], /missing required argument 'file'/],
  ])('a command line that is wrong (%j) ends with 2 and one line', async (args, message) => {
    const { code, stderr } = await millrace(args);
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });

  const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
    const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
    return status === 0 && Number(/^v(\d+)/.exec(stdout)?.[1]) < 24;
  });

  test.skipIf(oldNode === undefined)('an older Node gets one sentence that says how to run it instead', async () => {
    const { code, stdout, stderr } = await runMillrace(['--help'], { command: [oldNode ?? '', BIN] });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^millrace needs Node 24 or newer and this is v\d+\.\d+\.\d+: .*npm start.*\.$/);
  });
});

const SHOUT = `
import { defineProcessor, Type } from '@millrace/api';

interface Config { readonly mark: string }

export default defineProcessor({
  type: 'shout',
  summary: 'Makes bodies loud.',
  stability: 'beta',
  config: Type.Object({ mark: Type.String({ default: '!' }) }),
  examples: [],
  create: ({ mark }: Config) => ({
    logs(batch) {
      for (const record of batch.records) record.attributes.set('loud', record.attributes.get('id') + mark);
    },
  }),
});
`;

describe.each([0, 1])('plugins, with %i worker threads', (threads) => {
  const config = (destination: Destination, plugin: string, type: string) => `
plugins: [${plugin}]
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
processors: { ${type}: { mark: "?" } }
exporters: { otlphttp: ${directly(destination)} }
service: { pipelines: { logs: { receivers: [otlp], processors: [${type}], exporters: [otlphttp] } } }
`;

  test('a .ts file anywhere, by its path, works on records', async () => {
    const destination = await Destination.start();
    const cwd = folderWith({ 'shout.ts': SHOUT });
    const collector = await startCollector(config(destination, './shout.ts', 'shout'), { cwd, threads });
    expect((await postLogs(collector.http(), ['a'])).status).toBe(200);
    expect(destination.items.entries[0]?.content['attributes']).toEqual({ id: 'a', loud: 'a?' });
    expect(collector.stderr.entries.filter((line) => !line.startsWith('{'))).toEqual([]);
  });

  test('an installed package, by its name, works on records', async () => {
    const destination = await Destination.start();
    const cwd = temporaryFolder();
    const home = join(cwd, 'node_modules', '@acme', 'shout');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{ "name": "@acme/shout", "type": "module", "exports": "./main.js" }');
    writeFileSync(join(home, 'main.js'), SHOUT.replace(/^interface.*$/m, '').replace('}: Config)', '})'));
    const collector = await startCollector(config(destination, "'@acme/shout'", 'shout'), { cwd, threads });
    expect((await postLogs(collector.http(), ['b'])).status).toBe(200);
    expect(destination.items.entries[0]?.content['attributes']).toEqual({ id: 'b', loud: 'b?' });
  });
});

describe('keygen and cat', () => {
  beforeAll(() => ensurePrograms('age', 'zstd'), INSTALL_TIMEOUT_MS);

  test('keygen makes a pair that age understands, with a secret key that only its owner reads, and replaces nothing', async () => {
    const cwd = temporaryFolder();
    const made = await runMillrace(['keygen', 'keys/my.key'], { cwd });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const keyFile = join(cwd, 'keys', 'my.key');
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${keyFile}.pub`, 'utf8').trim()).toBe(made.stdout);
    expect(pipeThrough('age-keygen', ['-y', keyFile]).toString().trim()).toBe(made.stdout);
    const before = readFileSync(keyFile, 'utf8');
    const again = await runMillrace(['keygen', 'keys/my.key'], { cwd });
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('exists already') as string });
    expect(await runMillrace(['keygen', 'keys/my.key', '--if-missing'], { cwd })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(readFileSync(keyFile, 'utf8')).toBe(before);
    expect(made.stdout).not.toContain('AGE-SECRET-KEY');
  });

  test('cat follows a rotated, sealed set, as JSON and for people; damage is named with its offset after all before it', async () => {
    const cwd = temporaryFolder();
    const { stdout: recipient } = await runMillrace(['keygen', 'my.key'], { cwd });
    const yaml = `
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0, max_request_body_size: 10000000 } } } }
exporters:
  file: { path: out.jsonl.lz4.age, compression: lz4, rotation: { max_megabytes: 1 }, encryption: { recipients: [${recipient}] } }
service: { pipelines: { logs: { receivers: [otlp], exporters: [file] } } }
`;
    const collector = await startCollector(yaml, { cwd, threads: 1 });
    const ids: string[] = [];
    for (let round = 0; round < 6; round++) {
      const some = idList(`round-${round}`, 500).map(
        (id, index) => `${id}-${incompressible(1_000, round * 500 + index)}`,
      );
      expect((await post(`${collector.http()}/v1/logs`, logsJson(some))).status).toBe(200);
      ids.push(...some);
    }
    expect(await collector.stop()).toEqual({ code: 0, signal: null });

    const json = await runMillrace(['cat', 'out.jsonl.lz4.age', '--identity', 'my.key', '--json'], { cwd });
    expect([json.code, json.stderr]).toEqual([0, '']);
    expect(idsOf(itemsOfLines(json.stdout))).toEqual(ids);
    const text = await runMillrace(['cat', 'out.jsonl.lz4.age', '--identity', 'my.key'], { cwd });
    expect(text.code).toBe(0);
    expect(text.stdout).toContain(`record ${ids[0]}`);

    const locked = await runMillrace(['cat', 'out.jsonl.lz4.age', '--json'], { cwd });
    expect(locked).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--identity FILE') as string });

    const rotated = readdirSync(cwd).filter((name) => /^out-.*\.jsonl\.lz4\.age$/.test(name));
    expect(rotated.length).toBeGreaterThan(1);
    const whole = readFileSync(join(cwd, rotated[0] ?? ''));
    const at = Math.floor(whole.length * 0.8);
    const altered = Buffer.from(whole);
    altered[at] ^= 1;
    for (const [name, bytes] of Object.entries({ 'cut.age': whole.subarray(0, at), 'altered.age': altered })) {
      writeFileSync(join(cwd, name), bytes);
      const damaged = await runMillrace(['cat', name, '--identity', 'my.key', '--json'], { cwd });
      expect(damaged.code).toBe(1);
      expect(damaged.stderr).toMatch(new RegExp(`^millrace cat: ${name}: .*at byte \\d+`));
      const before = idsOf(itemsOfLines(damaged.stdout));
      expect(before.length).toBeGreaterThan(100);
      expect(ids.slice(0, before.length)).toEqual(before);
    }
  });
});

/** Hexadecimal digits without a pattern, the same each time for the same seed. */
function incompressible(length: number, seed: number): string {
  let state = seed + 1;
  let text = '';
  while (text.length < length) {
    state = (state * 48_271) % 2_147_483_647;
    text += state.toString(16);
  }
  return text.slice(0, length);
}
