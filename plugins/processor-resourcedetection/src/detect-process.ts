import path from 'node:path';
import type { Detected } from './detected.ts';
import type { Machine } from './machine.ts';

/** What this process is: for a collector that runs inside the program that it observes. */
export function detectProcess({ process, env }: Machine): Detected {
  return {
    'process.pid': process.pid,
    'process.parent_pid': process.parentPid,
    'process.executable.name': path.basename(process.executable),
    'process.executable.path': process.executable,
    'process.command': process.command,
    'process.command_args': process.args,
    'process.owner': process.owner ?? env['USER'],
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.runtimeVersion,
    'process.runtime.description': 'Node.js',
  };
}
