import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@millrace/api';
import type { ChildCase, ChildResult, ChildTask } from './child/messages.ts';
import type { Entry, Subject } from './subject.ts';
import { receivingOf } from './wiring.ts';

/** What a child process found out; `died` where it did not come to an end. */
export interface ChildReport extends ChildResult {
  readonly died: string | undefined;
}

/** A net below a component that blocks the child's event loop; nothing else takes so long. */
const CHILD_MS_MAX = 60_000;
/** Of the files that this one lies among: sources or compiled. */
const ENDING = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** Imports, starts and stops a component in a process of its own, where nothing else runs. */
export async function inChild(subject: Subject, entries: readonly Entry[]): Promise<ChildReport> {
  const { url, definition, options } = subject;
  const failing = await Promise.all(subject.ownOf(options.failing).map((yaml) => readFailing(subject, yaml)));
  const cases: ChildCase[] = entries.map(({ id, label, config, signals }) => ({
    label,
    config,
    signals,
    receiving: receivingFrom(subject, id),
    start: label.startsWith('example') ? 'may-fail' : 'works',
  }));
  const task = { url, kind: definition.kind, type: definition.type, cases: [...cases, ...failing] };
  // Relative paths in examples lead here.
  const cwd = await mkdtemp(join(tmpdir(), 'millrace-conformance-'));
  try {
    return await talk(task, cwd);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

async function readFailing(subject: Subject, yaml: string): Promise<ChildCase> {
  try {
    const { id, config, signals } = await subject.read('failing', yaml);
    const receiving = receivingFrom(subject, id);
    return { label: `failing config ${yaml}`, config, signals, receiving, start: 'fails' };
  } catch (error) {
    throw new Error(`options.failing has a config that does not even load: ${messageOf(error)}`, { cause: error });
  }
}

function receivingFrom({ definition, options }: Subject, id: string): readonly string[] {
  if (definition.kind !== 'connector') return [];
  return definition.routes.flatMap(({ to }) => receivingOf(options.receiving, id, to));
}

function talk(task: ChildTask, cwd: string): Promise<ChildReport> {
  const child = fork(new URL(`./child/main${ENDING}`, import.meta.url), {
    cwd,
    execArgv: ['--no-warnings'],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const keep = (chunk: Buffer) => (output = (output + chunk.toString('utf8')).slice(-2_000));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return new Promise((resolve, reject) => {
    let result: ChildResult | undefined;
    const timer = setTimeout(() => child.kill('SIGKILL'), CHILD_MS_MAX);
    child.on('message', (message) => (result = message as ChildResult));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (result !== undefined) {
        resolve({ ...result, died: undefined });
        return;
      }
      const how = signal === null ? `exit code ${code}` : signal;
      resolve({ atImport: [], scenarios: [], died: `${how}; it wrote: ${output.trim() || 'nothing'}` });
    });
    child.send(task);
  });
}
