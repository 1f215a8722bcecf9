/** What `millrace tap` and `reload` do with a running collector, and who may. */
import { chmodSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Collector } from 'millrace';
import { beforeAll, describe, expect, test } from 'vitest';
import { eventually } from './harness/eventually.ts';
import { BIN, Millrace, NODE, Program, REPOSITORY, runMillrace, startCollector } from './harness/millrace.ts';
import { logsJson, post } from './harness/requests.ts';
import { quickstartIn } from './harness/quickstart.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const QUICKSTART = join(REPOSITORY, 'configs', 'quickstart.yaml');

describe('the quickstart', () => {
  let folder: string;
  let collector: Millrace;
  const run = (...args: string[]) => runMillrace(args, { cwd: folder, env: { XDG_RUNTIME_DIR: folder } });

  beforeAll(async () => {
    folder = temporaryFolder('file');
    // A processor that adds something, and a collector that has no workers.
    const extra = join(folder, 'extra.yaml');
    writeFileSync(
      extra,
      `processors: { attributes: { actions: [{ key: deployment, value: blue, action: insert }] } }
service:
  workers: { threads: 1 }
  pipelines: { logs: { processors: [memory_limiter, attributes, batch] } }\n`,
    );
    const args = ['--config', QUICKSTART, '--config', extra, ...(await quickstartIn(folder, 'file'))];
    const settings = { cwd: folder, env: { XDG_RUNTIME_DIR: folder }, lifetime: 'file' } as const;
    collector = await new Millrace(args, '', settings).ready();
  });

  test('a tap shows records as they come, of all receivers or of one component, and ends at its limit', async () => {
    const all = await run('tap', '--limit', '5');
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout).toMatch(/^# receiver demo in (logs|traces|metrics), after$/m);
    expect(all.stdout.split('\n').filter((line) => /^\d{4}-/.test(line))).toHaveLength(5);
    const one = await run('tap', 'exporter:file/traces', '--limit', '2', '-o', 'json');
    const lines = one.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatchObject({ kind: 'exporter', id: 'file/traces', side: 'before', signal: 'traces' });
      expect(line['resourceSpans']).toHaveLength(1);
    }
  });

  test('a condition leaves out everything else', async () => {
    const condition = `attributes["http.request.method"] == "POST"`;
    const { stdout } = await run('tap', 'attributes->batch', '--where', condition, '--limit', '3');
    const [heading, ...records] = stdout.trim().split('\n');
    expect(heading).toBe('# processor batch in logs, before');
    expect(records).toHaveLength(3);
    for (const record of records) expect(record).toMatch(/http\.request\.method=POST .*deployment=blue/);
    expect(await run('tap', '--where', 'nonsense(')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/--where 'nonsense\('[^]*OTTL condition/) as string,
    });
  });

  test('a difference shows what a processor added, record by record', async () => {
    const { code, stdout } = await run('tap', 'attributes', '--diff', '--limit', '2');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# processor attributes in logs\n/);
    expect(stdout.match(/^ +\+ attributes\["deployment"\] {2}"blue"$/gm)).toHaveLength(2);
    const json = await run('tap', 'attributes', '--diff', '--limit', '1', '-o', 'json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      id: 'attributes',
      change: 'changed',
      fields: [{ path: 'attributes["deployment"]', after: '"blue"' }],
    });
    expect(await run('tap', 'batch', '--diff')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--before or --after') as string,
    });
  });

  test('an unknown name is answered with all that there are; a wrong command line with code 2', async () => {
    expect(await run('tap', 'atributes')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /"atributes"\n +did you mean "attributes"\? there are: .*attributes, batch.*file\/logs/,
      ) as string,
    });
    expect(await run('tap', '--diff', '--before')).toMatchObject({ code: 2 });
    expect(await run('tap', '--limit', 'many')).toMatchObject({ code: 2 });
    expect(await run('tap', '--pid', '1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`there are: ${collector.pid}`) as string,
    });
  });

  test('the socket is for its user alone: mode 0600 in a directory of mode 0700, and nobody else gets in', async () => {
    const directory = join(folder, 'millrace');
    expect(readdirSync(directory)).toEqual([`${collector.pid}.sock`]);
    const socket = join(directory, `${collector.pid}.sock`);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    if (process.getuid?.() !== 0) return;
    chmodSync(folder, 0o755);
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', NODE, BIN];
    expect(await runMillrace(['tap', '--socket', socket], { command: nobody, cwd: '/' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it belongs to another user') as string,
    });
    // Not even where the directory is open.
    chmodSync(directory, 0o755);
    expect(await runMillrace(['tap', '--socket', socket], { command: nobody, cwd: '/' })).toMatchObject({ code: 1 });
    chmodSync(directory, 0o700);
  });

  test('plain HTTP works, too', async () => {
    const curl = new Program(
      ['-sN', '--unix-socket', join(folder, 'millrace', `${collector.pid}.sock`), 'http://x/tap'],
      {
        command: ['curl'],
      },
    );
    await curl.shows(/"kind":"receiver","id":"demo".*"resourceLogs"/);
    await curl.stop();
    expect(curl.stderr.entries).toEqual([]);
  });
});

test('a collector inside a program has a socket where its configuration asks for one, and no other', async () => {
  const path = join(temporaryFolder(), 'guest.sock');
  const pipelines = { logs: { receivers: ['in_process'], exporters: ['nop'] } };
  const config = (control?: object) => ({
    receivers: { in_process: null },
    exporters: { nop: null },
    service: { telemetry: { metrics: { level: 'none' } }, pipelines, ...(control === undefined ? {} : { control }) },
  });
  await using quiet = await Collector.start({ config: config(), logger: 'silent' });
  expect(quiet.ready).toBe(true);
  const collector = await Collector.start({ config: config({ path }), logger: 'silent' });
  const tap = new Program(['tap', '--socket', path, '--limit', '1']);
  await eventually('the tap shows a record', async () => {
    await collector.receiver().logs([{ body: 'from inside' }]);
    return tap.output.includes('from inside') ? true : undefined;
  });
  expect(await tap.exited).toMatchObject({ code: 0 });
  expect(await runMillrace(['reload', '--socket', path])).toMatchObject({ code: 0 });
  await collector.shutdown();
  expect(existsSync(path)).toBe(false);
});

const RECEIVER = 'receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }';
const PIPELINES = (exporters: string) => `pipelines: { logs: { receivers: [otlp], exporters: [${exporters}] } }`;

test('a reload over the socket says what it did, or why not, and names what only a restart changes', async () => {
  const config = (exporters: string, service = '') =>
    `${RECEIVER}\nexporters: { nop: , nop/2: }\nservice: { ${service} ${PIPELINES(exporters)} }\n`;
  const collector = await startCollector(config('nop'), { env: {} });
  const { cwd } = collector;
  const socket = String((await collector.logged('ready'))['control']);
  const reload = (...args: string[]) => runMillrace(['reload', '--socket', socket, ...args], { cwd });
  const write = (text: string) => writeFileSync(join(cwd, 'config.yaml'), text);

  write(config('nop, nop/2'));
  expect(await reload('--check')).toMatchObject({ code: 0, stdout: 'the configuration can be taken up' });
  expect(await reload()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\+ exporter "nop\/2"\nreloaded in \d+ ms: 1 started, 0 stopped, 2 kept$/) as string,
  });
  expect(await reload('-o', 'json')).toMatchObject({ code: 0, stdout: expect.stringContaining('"kept":3') as string });

  const filtered = config('nop, nop/2').replace('receivers: [otlp]', '$&, processors: [filter]');
  write(`${filtered}processors: { filter: { log_conditions: ['log.body == "x"'] } }\n`);
  expect(await reload()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^~ processor "filter"\nreloaded in \d+ ms: 0 started, 0 stopped, 1 step changed, 3 kept$/,
    ) as string,
  });
  expect(await collector.logged('reloaded', (line) => String(line['steps']).includes('filter'))).toMatchObject({
    steps: ['processor "filter"'],
    kept: expect.arrayContaining(['receiver "otlp"', 'exporter "nop"', 'exporter "nop/2"']) as string[],
  });

  write(config('nop/3'));
  for (const args of [[], ['--check']]) {
    expect(await reload(...args)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/config\.yaml:\d+:\d+.*nop\/3/) as string,
    });
  }
  write(config('nop', 'bytes_in_flight_max: 99MiB, control: { path: /tmp/elsewhere.sock },'));
  expect(await reload('--check')).toMatchObject({
    code: 1,
    stdout: 'a reload would be refused: only a restart can change service.bytes_in_flight_max, service.control',
  });
  expect(await reload()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('service.bytes_in_flight_max, service.control') as string,
  });
  expect((await post(`${collector.http()}/v1/logs`, logsJson(['a']))).status).toBe(200);
});

test('a socket has the place that the configuration names, over what a dead collector left there, and goes with its collector', async () => {
  const cwd = temporaryFolder();
  const socket = join(cwd, 'control.sock');
  const telemetry = 'telemetry: { metrics: { level: none } }';
  const config = `${RECEIVER}\nexporters: { nop: }\nservice: { control: { path: ${socket} }, ${telemetry}, ${PIPELINES('nop')} }\n`;
  const killed = await startCollector(config, { cwd });
  await killed.stop('SIGKILL');
  expect(statSync(socket).isSocket()).toBe(true);
  const collector = await startCollector(config, { cwd });
  expect(statSync(socket).mode & 0o777).toBe(0o600);

  const second = await runMillrace(['--config', join(cwd, 'config.yaml')], { cwd });
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(`another process listens on ${socket}`);

  const tap = new Program(['tap', '--socket', socket], { cwd });
  await collector.stop();
  expect((await tap.exited).code).toBe(1);
  expect(tap.output).toMatch(/the collector has ended|cannot reach/);
  expect(readdirSync(cwd).filter((name) => name.includes('sock') || name.startsWith('.'))).toEqual([]);
});

test('a configuration can do without one, and a default one that cannot be made is no reason not to start', async () => {
  const config = (service: string) => `${RECEIVER}\nexporters: { nop: }\nservice: { ${service} ${PIPELINES('nop')} }\n`;
  const without = await startCollector(config('control: { enabled: false },'));
  expect((await without.logged('ready'))['control']).toBeUndefined();
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'millrace'), 'a file where the directory should be');
  const collector = await startCollector(config(''), { cwd, env: { XDG_RUNTIME_DIR: cwd } });
  expect(await collector.logged(/there is no control socket/)).toMatchObject({ level: 'warn' });
});
