#!/usr/bin/env node
/**
 * Sets up what is missing and, given a command line, runs it on the Node that the lock file pins:
 *
 *     node scripts/setup.mjs [node packages/millrace/src/cli.ts run ...]
 *
 * Plain JavaScript without dependencies: it runs before anything is installed, on whatever Node (18 or newer) started npm.
 * A second run costs a few file reads. It never changes a committed file.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR_MIN = 24;
/** A lock that nobody has touched for this long is abandoned, whoever now has its holder's process id. */
const LOCK_STALE_MS = 120_000;
const LOCK_TOUCH_MS = 2_000;
const LOCK_POLL_MS = 200;
/** npm and a process group both pass a signal on; the command hears of it once. */
const SIGNAL_REPEAT_MS = 500;

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';
const modules = path.join(root, 'node_modules');
const bin = path.join(modules, '.bin');
const pinnedNode = path.join(modules, 'node', 'bin', windows ? 'node.exe' : 'node');
const stampFile = path.join(modules, '.setup-stamp.json');
const lockFile = path.join(modules, '.setup-lock');

/** A fault that the reader can mend: shown as one line, without a stack. */
class SetupError extends Error {}

/** Set for what a set-up has started: within a run nothing is installed under the feet of what runs. */
const SET_UP = 'MILLRACE_SET_UP';

try {
  if (process.env[SET_UP] !== '1') await setUp();
  const [command, ...args] = process.argv.slice(2);
  if (command !== undefined) process.exitCode = await runPinned(command, args);
} catch (error) {
  if (!(error instanceof SetupError) && typeof error.code !== 'string') throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exitCode = error.exitCode ?? 1;
}

async function setUp() {
  if (isReady(inputsKey())) return;
  const release = await acquireLock();
  try {
    // Taken after the wait: another terminal may have finished the job, or changed the inputs.
    const key = inputsKey();
    if (isReady(key)) return;
    fs.rmSync(stampFile, { force: true });
    await install();
    const version = checkPinnedNode();
    fs.writeFileSync(stampFile, JSON.stringify({ key, node: version, ...nodeFingerprint() }) + '\n');
  } finally {
    release();
  }
}

// ---- what is there

/** Changes whenever an installation could give another result. */
function inputsKey() {
  const hash = createHash('sha256').update(`1 ${process.platform} ${process.arch}\n`);
  for (const file of ['package-lock.json', 'package.json', ...workspaceManifests()]) {
    hash
      .update(`${file}\n`)
      .update(readIfThere(path.join(root, file)) ?? 'absent')
      .update('\n');
  }
  return hash.digest('hex');
}

function workspaceManifests() {
  const { workspaces } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  return workspaces.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [`${pattern}/package.json`];
    const folder = pattern.slice(0, -2);
    if (!fs.existsSync(path.join(root, folder))) return [];
    return fs
      .readdirSync(path.join(root, folder))
      .sort()
      .map((name) => `${folder}/${name}/package.json`)
      .filter((file) => fs.existsSync(path.join(root, file)));
  });
}

function isReady(key) {
  const text = readIfThere(stampFile);
  if (text === undefined) return false;
  try {
    const stamp = JSON.parse(text);
    const found = nodeFingerprint();
    return stamp.key === key && stamp.size === found.size && stamp.mtimeMs === found.mtimeMs;
  } catch {
    return false; // A torn stamp, or the pinned Node is gone: install again.
  }
}

/** Tells that the pinned Node is still the one that was checked, without starting it. */
function nodeFingerprint() {
  const { size, mtimeMs } = fs.statSync(pinnedNode);
  return { size, mtimeMs };
}

function checkPinnedNode() {
  if (!fs.existsSync(pinnedNode)) {
    throw new SetupError(
      `the pinned Node ${NODE_MAJOR_MIN} is missing from node_modules because install scripts are switched off ` +
        '(ignore-scripts); run `npm rebuild node --ignore-scripts=false`, then repeat the command.',
    );
  }
  const { stdout, error, status } = spawnSync(pinnedNode, ['--version'], { encoding: 'utf8' });
  if (error || status !== 0) {
    throw new SetupError(
      `the pinned Node at ${pinnedNode} does not start here (${error ? error.message : `exit code ${status}`}); ` +
        'remove node_modules, which may stem from another machine, and repeat the command.',
    );
  }
  const version = stdout.trim();
  if (Number(/^v(\d+)/.exec(version)?.[1]) < NODE_MAJOR_MIN) {
    throw new SetupError(
      `the pinned Node is ${version}, must be ${NODE_MAJOR_MIN} or newer; remove node_modules and repeat the command.`,
    );
  }
  return version;
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

// ---- installing

async function install() {
  const lockBefore = readIfThere(path.join(root, 'package-lock.json'));
  if (lockBefore === undefined) {
    throw new SetupError('package-lock.json is missing; restore it with `git checkout package-lock.json`.');
  }
  // `npm ci` refuses a lock without every other platform's binaries, and an npm of another version writes a lock
  // differently: `install --no-save` takes the versions from the lock and leaves the file alone.
  // The development dependencies hold the pinned Node, so they are installed under NODE_ENV=production too.
  const args = ['install', '--no-save', '--include=dev', '--loglevel=error', '--no-audit', '--no-fund'];
  const progress = showProgress('Installing dependencies');
  const { code, output, interrupted } = await runNpm([...args, '--no-progress', '--no-update-notifier']);
  progress.end();
  if (interrupted !== undefined) {
    const exitCode = 128 + os.constants.signals[interrupted];
    throw Object.assign(new SetupError(`the installation was interrupted (${interrupted}).`), { exitCode });
  }
  if (code !== 0) {
    process.stderr.write(output);
    throw Object.assign(new SetupError(`npm install failed (exit code ${code}); its output is above.`), {
      exitCode: code,
    });
  }
  if (readIfThere(path.join(root, 'package-lock.json')) !== lockBefore) {
    throw new SetupError(
      'npm has rewritten package-lock.json; look at `git diff package-lock.json` and commit or revert it.',
    );
  }
}

function runNpm(args) {
  // npm runs on the Node that is not part of what it may be about to replace.
  const { npm_execpath: cli = '', npm_node_execpath: node = '' } = process.env;
  const direct = /npm-cli\.[cm]?js$/.test(cli) && node !== '' && !node.startsWith(modules) && fs.existsSync(cli);
  const env = { ...process.env, ...writableCache() };
  setPath(env, foreignPath());
  return run(direct ? node : windows ? 'npm.cmd' : 'npm', direct ? [cli, ...args] : args, {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: windows && !direct,
    onStart: holdLockFor,
  });
}

/** npm needs a cache that it can write; with a read-only HOME it gets one in the checkout. */
function writableCache() {
  let folder = process.env.npm_config_cache || path.join(os.homedir(), '.npm');
  while (!fs.existsSync(folder) && folder !== path.dirname(folder)) folder = path.dirname(folder);
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return {};
  } catch {
    return { npm_config_cache: path.join(root, '.cache', 'npm') };
  }
}

/** One line on a terminal that counts the seconds; one plain line elsewhere. */
function showProgress(title) {
  if (!process.stderr.isTTY) {
    process.stderr.write(`setup: ${title.toLowerCase()} (once)\n`);
    return { end() {} };
  }
  const started = Date.now();
  const draw = () => process.stderr.write(`\r\x1b[2K${title} (once) … ${Math.round((Date.now() - started) / 1000)} s`);
  draw();
  const timer = setInterval(draw, 1000);
  return {
    end() {
      clearInterval(timer);
      process.stderr.write('\r\x1b[2K');
    },
  };
}

// ---- running

function runPinned(command, args) {
  const env = { ...process.env };
  setPath(env, [bin, ...foreignPath()]);
  // By its path, because a shell or Windows may remember or prefer another `node`.
  const program = command === 'node' ? pinnedNode : command;
  const shell = windows && command !== 'node';
  return run(program, args, { env, stdio: 'inherit', shell }).then(({ code }) => code);
}

/** Runs to the end, passing signals on. A death by signal is reported as shells do, as 128 + its number. */
function run(command, args, { onStart, ...options }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options);
    if (child.pid !== undefined) onStart?.(child.pid);
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    let interrupted;
    const stop = forwardSignals(child, (signal) => (interrupted ??= signal));
    child.on('error', (error) => {
      stop();
      const missing = error.code === 'ENOENT';
      reject(new SetupError(missing ? `cannot find the program "${command}" on the PATH.` : error.message));
    });
    child.on('close', (code, signal) => {
      stop();
      const exitCode = code ?? 128 + os.constants.signals[signal];
      resolve({ code: exitCode, output: Buffer.concat(output).toString(), interrupted });
    });
  });
}

function forwardSignals(child, onSignal) {
  // On a terminal Ctrl-C already reaches every process of the group, and npm sends it to us once more.
  const terminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  const last = new Map();
  const forward = (signal) => {
    const repeated = Date.now() - (last.get(signal) ?? 0) < SIGNAL_REPEAT_MS;
    last.set(signal, Date.now());
    onSignal(signal);
    if (!repeated && !(terminal && signal === 'SIGINT')) child.kill(signal);
  };
  const signals = windows ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}

/** The PATH without the folders that npm put in front of it, which lead to the Node of this checkout. */
function foreignPath() {
  const ours = (folder) => folder.endsWith(path.join('node_modules', '.bin'));
  return (process.env.PATH ?? process.env.Path ?? '').split(path.delimiter).filter((folder) => folder && !ours(folder));
}

function setPath(env, folders) {
  delete env.Path; // Windows' spelling; two of them in one environment would be ambiguous.
  env.PATH = folders.join(path.delimiter);
}

// ---- one at a time

/** Waits for its turn; returns what gives the turn back. */
async function acquireLock() {
  fs.mkdirSync(modules, { recursive: true });
  let told = false;
  while (!tryLock()) {
    if (!told) process.stderr.write('setup: waiting for another terminal that is installing\n');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
  // The lock shows that its holder lives; a process id alone may have been given to somebody else.
  const timer = setInterval(() => fs.utimes(lockFile, new Date(), new Date(), () => {}), LOCK_TOUCH_MS);
  const unlock = () => fs.rmSync(lockFile, { force: true });
  process.on('exit', unlock);
  return () => {
    clearInterval(timer);
    process.off('exit', unlock);
    unlock();
  };
}

function tryLock() {
  try {
    fs.writeFileSync(lockFile, lockText(), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = readIfThere(lockFile);
  if (holder !== undefined && isAbandoned(holder)) removeLockOf(holder);
  return false;
}

/** An npm that outlives its parent still writes to node_modules, so the lock is its too. */
function holdLockFor(npmPid) {
  fs.writeFileSync(lockFile, lockText(npmPid));
}

function lockText(...pids) {
  return [os.hostname(), process.pid, ...pids].join(' ');
}

function isAbandoned(holder) {
  try {
    if (Date.now() - fs.statSync(lockFile).mtimeMs > LOCK_STALE_MS) return true;
    const [host, ...pids] = holder.split(' ');
    return host === os.hostname() && !pids.some((pid) => isAlive(Number(pid)));
  } catch (error) {
    if (error.code === 'ENOENT') return false; // Given back meanwhile.
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

/** Two waiters may both find a lock abandoned; a rename gives it to one of them, who puts back what is not the one it meant. */
function removeLockOf(holder) {
  const aside = `${lockFile}.${process.pid}`;
  try {
    fs.renameSync(lockFile, aside);
    if (readIfThere(aside) !== holder) fs.linkSync(aside, lockFile);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
  fs.rmSync(aside, { force: true });
}
