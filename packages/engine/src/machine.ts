import { randomBytes } from 'node:crypto';
import { type FileSystem, MachineProcesses, NodeFileSystem, type Processes } from '@millrace/delivery';

/** What the engine asks of the computer besides time, so that a simulation can stand in for it. */
export interface Machine {
  /** Values in [0, 1), for the jitter of retries. */
  readonly random: () => number;
  /** Unpredictable bytes. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** The file system on which storages lie; directories that are made get these permission bits, before the umask. */
  readonly files: (options: { readonly directoryMode: number }) => FileSystem;
  /** Who may hold a storage. */
  readonly processes: () => Processes;
}

/** The computer that this runs on. */
export const thisMachine: Machine = {
  random: Math.random,
  randomBytes: (count) => randomBytes(count),
  files: (options) => new NodeFileSystem(options),
  processes: () => new MachineProcesses(),
};
