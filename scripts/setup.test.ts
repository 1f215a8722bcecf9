import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';

/** A checkout with a space in its path, and an npm that only does what the test tells it to. */
let root: string;
const file = (...names: string[]): string => path.join(root, ...names);

const INSTALL_NODE = `mkdir -p node_modules/node/bin && ln -sf '${process.execPath}' node_modules/node/bin/node`;

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'set up-'));
  onTestFinished(() => fs.rmSync(root, { recursive: true, force: true }));
  for (const folder of ['scripts', 'fake-bin', 'packages/a']) fs.mkdirSync(file(folder), { recursive: true });
  fs.copyFileSync(path.join(import.meta.dirname, 'setup.mjs'), file('scripts', 'setup.mjs'));
  fs.writeFileSync(file('package.json'), '{"type":"module","workspaces":["packages/*"]}');
  fs.writeFileSync(file('packages', 'a', 'package.json'), '{"name":"a"}');
  fs.writeFileSync(file('package-lock.json'), '{}');
  npmDoes(INSTALL_NODE);
});

function npmDoes(script: string): void {
  const counted = `#!/bin/sh\necho "$@" >> npm-calls\n${script}\n`;
  fs.writeFileSync(file('fake-bin', 'npm'), counted, { mode: 0o755 });
}

function npmCalls(): number {
  return fs.existsSync(file('npm-calls')) ? fs.readFileSync(file('npm-calls'), 'utf8').trim().split('\n').length : 0;
}

function start(...command: string[]): ChildProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'));
  return spawn(process.execPath, [file('scripts', 'setup.mjs'), ...command], {
    env: { ...Object.fromEntries(inherited), PATH: `${file('fake-bin')}:/usr/bin:/bin` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function finish(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  const [out, err, [code]] = await Promise.all([
    child.stdout!.setEncoding('utf8').toArray(),
    child.stderr!.setEncoding('utf8').toArray(),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, out: out.join(''), err: err.join('') };
}

const setUp = (...command: string[]) => finish(start(...command));

test('a fresh checkout is installed once, and the command runs on the pinned Node with its arguments', async () => {
  const show = 'console.log(JSON.stringify([process.execPath, process.argv.slice(2), process.env.PATH.split(":")[0]]))';
  fs.writeFileSync(file('show.mjs'), show);
  for (let run = 0; run < 2; run++) {
    const { code, out } = await setUp('node', file('show.mjs'), 'a b', '--flag');
    expect(JSON.parse(out)).toEqual([process.execPath, ['a b', '--flag'], file('node_modules', '.bin')]);
    expect(code).toBe(0);
  }
  expect(npmCalls()).toBe(1);
  expect(fs.readFileSync(file('npm-calls'), 'utf8')).toMatch(/^install .*--no-save/);
});

test('a changed package.json of the workspace, a changed lock file or a new package installs again', async () => {
  await setUp();
  fs.writeFileSync(file('packages', 'a', 'package.json'), '{"name":"a","version":"2.0.0"}');
  await setUp();
  expect(npmCalls()).toBe(2);
  fs.writeFileSync(file('package-lock.json'), '{ }');
  await setUp();
  expect(npmCalls()).toBe(3);
  fs.mkdirSync(file('packages', 'b'));
  fs.writeFileSync(file('packages', 'b', 'package.json'), '{"name":"b"}');
  await setUp();
  expect(npmCalls()).toBe(4);
});

test('a removed pinned Node installs again', async () => {
  await setUp();
  fs.rmSync(file('node_modules', 'node', 'bin', 'node'));
  expect((await setUp('node', '--version')).out.trim()).toBe(process.version);
});

test("the command's exit code is passed on", async () => {
  expect((await setUp('node', '-e', 'process.exit(41)')).code).toBe(41);
});

test('a command that dies by a signal gives the exit code that a shell would', async () => {
  expect((await setUp('node', '-e', 'process.kill(process.pid, "SIGKILL")')).code).toBe(128 + 9);
});

test('a program that is not there is reported in one line', async () => {
  const { code, err } = await setUp('no-such-program');
  expect(code).toBe(1);
  expect(err).toContain('cannot find the program "no-such-program"');
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s reaches the command, which decides how to end',
  async (signal) => {
    const script = `process.on('${signal}', () => process.exit(7)); setInterval(() => {}, 1000); console.log('ready')`;
    const child = start('node', '-e', script);
    await once(child.stdout!, 'readable');
    child.kill(signal);
    expect((await finish(child)).code).toBe(7);
  },
);

test('without the pinned Node it says what to do, and tries again the next time', async () => {
  npmDoes('mkdir -p node_modules');
  const { code, err } = await setUp('node', '--version');
  expect(code).toBe(1);
  expect(err).toContain('npm rebuild node --ignore-scripts=false');
  npmDoes(INSTALL_NODE);
  expect((await setUp('node', '--version')).code).toBe(0);
});

test.each([
  ['too old a Node', 'echo v20.1.0', 'is v20.1.0, must be 24 or newer'],
  ['a Node that does not start', 'exit 3', 'does not start here'],
])('%s is refused', async (_title, node, message) => {
  npmDoes(
    `mkdir -p node_modules/node/bin; printf '#!/bin/sh\\n${node}\\n' > node_modules/node/bin/node; chmod +x node_modules/node/bin/node`,
  );
  const { code, err } = await setUp('node', '--version');
  expect(code).toBe(1);
  expect(err).toContain(message);
});

test('an npm that fails shows its output and its exit code', async () => {
  npmDoes('echo no network >&2; exit 5');
  const { code, err } = await setUp('node', '--version');
  expect(code).toBe(5);
  expect(err).toContain('no network');
});

test('an npm that rewrites the lock file is an error', async () => {
  npmDoes(`${INSTALL_NODE}; echo '{"changed":1}' > package-lock.json`);
  const { code, err } = await setUp('node', '--version');
  expect(code).toBe(1);
  expect(err).toContain('package-lock.json');
});

test('several at once install once, and each runs its command', async () => {
  const results = await Promise.all([1, 2, 3].map((each) => setUp('node', '-p', String(each))));
  expect(results.map(({ out }) => out.trim())).toEqual(['1', '2', '3']);
  expect(npmCalls()).toBe(1);
});

test('a lock whose holder is dead is taken over', async () => {
  const dead = spawn(process.execPath, ['-e', '0']);
  await once(dead, 'exit');
  fs.mkdirSync(file('node_modules'));
  fs.writeFileSync(file('node_modules', '.setup-lock'), `${os.hostname()} ${dead.pid}`);
  expect((await setUp('node', '--version')).code).toBe(0);
  expect(fs.readdirSync(file('node_modules')).filter((name) => name.includes('lock'))).toEqual([]);
});

test('a lock that nobody has touched for long is taken over, although its process id lives', async () => {
  fs.mkdirSync(file('node_modules'));
  const lock = file('node_modules', '.setup-lock');
  fs.writeFileSync(lock, `${os.hostname()} ${process.pid}`);
  fs.utimesSync(lock, 0, 0);
  expect((await setUp('node', '--version')).code).toBe(0);
});
