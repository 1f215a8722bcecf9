/** `npm start` as a person sees it, in a terminal and in a pipe. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { NODE, Program, REPOSITORY, runMillrace } from './harness/millrace.ts';
import { itemsOfLines } from './harness/otlp-items.ts';
import { ensurePrograms, INSTALL_TIMEOUT_MS } from './harness/programs.ts';
import { quickstartIn } from './harness/quickstart.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

beforeAll(async () => {
  ensurePrograms('script');
  // What `npm start` does first; nothing is left to do where the tests were started with npm.
  const { code } = await new Program([join(REPOSITORY, 'scripts', 'setup.mjs')], {
    command: [NODE],
    lifetime: 'file',
  }).exited;
  expect(code).toBe(0);
}, INSTALL_TIMEOUT_MS);

const environment = { TERM: 'xterm-256color', NO_COLOR: '', COLUMNS: '160', npm_config_update_notifier: 'false' };

test('npm start in a terminal shows the pipelines, the places, what flows, and ends with Ctrl+C', async () => {
  const folder = temporaryFolder();
  const command = ['npm', 'start', '--', ...(await quickstartIn(folder))].map(quoted).join(' ');
  const terminal = new Program(['-qefc', command, '/dev/null'], {
    command: ['script'],
    cwd: REPOSITORY,
    env: { ...environment, HOME: folder },
  });
  await terminal.shows(/in [1-9]\d*\/s .*out \d+\/s .*errors 0 .*queue/);
  const seen = terminal.text();
  expect(seen).toMatch(/millrace \d+\.\d+\.\d+ .*Node 24.*worker thread/);
  for (const signal of ['logs', 'traces', 'metrics']) {
    expect(seen).toMatch(new RegExp(`${signal} +otlp, demo ─▶ memory_limiter ─▶ batch ─▶ file/${signal}`));
    expect(seen).toMatch(new RegExp(`file/${signal} writes +${folder}/data/${signal}.jsonl.zst.age`));
  }
  expect(seen).toMatch(/otlp listens on +grpc:\/\/127\.0\.0\.1:\d+/);
  expect(seen).toMatch(/otlp listens on +http:\/\/127\.0\.0\.1:\d+/);
  expect(seen).toMatch(/metrics +http:\/\/127\.0\.0\.1:\d+\/metrics/);
  expect(seen).toMatch(/read a file +npm run --silent millrace -- cat .*logs\.jsonl\.zst\.age --identity .*my\.key/);
  expect(seen).not.toMatch(/^\{"level"/m);

  terminal.type('\u0003');
  // The shell of npm dies of the same signal.
  expect([0, 130]).toContain((await terminal.exited).code);
  const file = join(folder, 'data', 'logs.jsonl.zst.age');
  const { code, stdout } = await runMillrace(['cat', file, '--identity', join(folder, 'my.key'), '--json']);
  expect(code).toBe(0);
  expect(itemsOfLines(stdout).length).toBeGreaterThan(0);
});

test('npm start in a pipe prints JSON lines and nothing else of its own, and ends with SIGTERM', async () => {
  const folder = temporaryFolder();
  const program = new Program(['--silent', 'start', '--', ...(await quickstartIn(folder))], {
    command: ['npm'],
    cwd: REPOSITORY,
    env: { ...environment, HOME: folder },
  });
  const ready = await program.logged('ready');
  expect(ready).toMatchObject({ level: 'info', pipelines: ['logs', 'traces', 'metrics'] });
  // As supervisors do: to the whole group.
  process.kill(-program.pid, 'SIGTERM');
  await program.exited;
  await program.logged('stopped, everything was delivered');
  expect(program.stdout.entries).toEqual([]);
  expect(program.stderr.entries.filter((line) => !line.startsWith('{'))).toEqual([]);
});

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
