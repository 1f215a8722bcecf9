import fs from 'node:fs';
import os from 'node:os';

/** Who holds a directory: enough to say so, and to find out whether that process is still there. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Changes when the machine starts. */
  readonly boot: string;
  /** Process ids mean something only within it: a container has its own. */
  readonly pidNamespace: string;
  /** When the process started: ids are used again. */
  readonly started: string;
}

/** The processes that the store can know of. */
export interface Processes {
  readonly self: Owner;
  /** `unknown`: on another machine, or in another container. */
  fate(owner: Owner): 'alive' | 'dead' | 'unknown';
}

/** The processes of this machine, by `/proc` where there is one. */
export class MachineProcesses implements Processes {
  readonly self: Owner = {
    pid: process.pid,
    host: os.hostname(),
    boot: read('/proc/sys/kernel/random/boot_id'),
    pidNamespace: link('/proc/self/ns/pid'),
    started: startOf(process.pid),
  };

  fate(owner: Owner): 'alive' | 'dead' | 'unknown' {
    const { self } = this;
    if (owner.host !== self.host) return 'unknown';
    // The same machine, started again: nothing from before runs.
    if (owner.boot !== self.boot) return 'dead';
    if (owner.pidNamespace !== self.pidNamespace) return 'unknown';
    try {
      process.kill(owner.pid, 0);
    } catch (error) {
      if ((error as { code?: string }).code === 'ESRCH') return 'dead';
    }
    return startOf(owner.pid) === owner.started ? 'alive' : 'dead';
  }
}

function startOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything; what counts comes after it. The start is the 22nd field.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

function link(file: string): string {
  try {
    return fs.readlinkSync(file);
  } catch {
    return '';
  }
}
