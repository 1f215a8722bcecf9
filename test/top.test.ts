/** `millrace top` on a terminal and elsewhere. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { BIN, Millrace, NODE, Program, REPOSITORY, runMillrace } from './harness/millrace.ts';
import { ensurePrograms, INSTALL_TIMEOUT_MS } from './harness/programs.ts';
import { quickstartIn } from './harness/quickstart.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

/** The cursor is shown, and the alternate screen is left. */
const RESTORED = '\u001B[?25h\u001B[?1049l';

let folder: string;
let collector: Millrace;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  ensurePrograms('script');
  folder = temporaryFolder('file');
  env = { XDG_RUNTIME_DIR: folder };
  const args = ['--config', join(REPOSITORY, 'configs', 'quickstart.yaml'), ...(await quickstartIn(folder, 'file'))];
  collector = await new Millrace(args, '', { cwd: folder, env, lifetime: 'file' }).ready();
}, INSTALL_TIMEOUT_MS);

test('one frame shows what flows through every component', async () => {
  const { code, stdout, stderr } = await runMillrace(['top', '--once'], { cwd: folder, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`millrace \\S+ {2}· {2}pid ${collector.pid} `));
  expect(stdout).toMatch(/^in [1-9]\d*\/s .*errors 0\/s .*in flight .* of 256\.0 MiB$/m);
  expect(stdout).toMatch(/CPU \S+% .*RSS .*workers? \S+% busy/);
  for (const signal of ['logs', 'traces', 'metrics']) {
    expect(stdout).toMatch(new RegExp(`^${signal}\\n {2}otlp +receiver +0 .*\\n {2}demo +receiver +[1-9]`, 'm'));
  }
  expect(stdout).toMatch(/^ {2}memory_limiter +processor +[1-9][\d.]* +[1-9]/m);
  expect(stdout).toMatch(/^ {2}file\/logs +exporter .*ok$/m);
});

test('a program gets frames as JSON', async () => {
  const { code, stdout } = await runMillrace(['top', '--once', '-o', 'json'], { cwd: folder, env });
  expect(code).toBe(0);
  const frame = JSON.parse(stdout) as { readonly inPerSecond: number; readonly rows: readonly { id: string }[] };
  expect(frame.inPerSecond).toBeGreaterThan(10);
  expect(frame.rows.map(({ id }) => id)).toContain('file/traces');
});

test('on a terminal, keys select, sort, tap and quit; its size is taken up; and it is given back', async () => {
  const command = `tty; stty rows 30 cols 120; ${NODE} ${BIN} top; echo "ended with $?"`;
  const terminal = new Program(['-qefc', command, '/dev/null'], {
    command: ['script'],
    cwd: folder,
    env: { ...env, TERM: 'xterm-256color' },
  });
  await terminal.shows(/COMPONENT.*[^]*↑↓ select {3}t tap {3}s sort \(pipeline\)/);
  await terminal.shows(/in [1-9]\d*\/s/);
  // The second row of the first pipeline: what the demo makes.
  terminal.type('js');
  await terminal.shows(/s sort \(rate\)/);
  terminal.type('sss');
  await terminal.shows(/s sort \(errors\)[^]*s sort \(pipeline\)/);
  terminal.type('t');
  await terminal.shows(/tap receiver:demo {3}\(q comes back\)[^]*# receiver demo in (logs|traces|metrics), after/);
  terminal.type('q');
  const before = terminal.text().length;
  await terminal.shows(new RegExp(`^[^]{${before},}COMPONENT`));
  // Another size is taken up at once.
  const tty = /\/dev\/pts\/\d+/.exec(terminal.text())?.[0] ?? '';
  await new Program(['-F', tty, 'rows', '12', 'cols', '30'], { command: ['stty'] }).exited;
  await terminal.shows(/s sort \(pi(?!peline)/);
  terminal.type('q');
  await terminal.shows(/ended with 0/);
  expect(await terminal.exited).toMatchObject({ code: 0 });
  expect(terminal.text()).toContain(RESTORED);
});

test.each(['collector', 'signal'])('it gives the terminal back when a %s ends it', async (end) => {
  const runtime = temporaryFolder();
  const nop = '{receivers: [nop], exporters: [nop]}';
  const yaml = `yaml:{receivers: {nop: }, exporters: {nop: }, service: {telemetry: {metrics: {level: none}}, pipelines: {logs: ${nop}}}}`;
  const other = await new Millrace(['--config', yaml], '', { env: { XDG_RUNTIME_DIR: runtime } }).ready();
  const terminal = new Program(['-qefc', `echo "pid $$."; exec ${NODE} ${BIN} top --pid ${other.pid}`, '/dev/null'], {
    command: ['script'],
    env: { XDG_RUNTIME_DIR: runtime, TERM: 'xterm' },
  });
  await terminal.shows(/COMPONENT/);
  if (end === 'collector') await other.stop();
  else process.kill(Number(/pid (\d+)\./.exec(terminal.text())?.[1]), 'SIGTERM');
  expect(await terminal.exited).toMatchObject({ code: end === 'collector' ? 1 : 0 });
  expect(terminal.text()).toContain(RESTORED);
});
