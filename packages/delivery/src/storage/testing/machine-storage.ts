import { randomBytes } from 'node:crypto';
import type { Clock } from '@millrace/api';
import { NodeFileSystem } from '../node-file-system.ts';
import { MachineProcesses } from '../owner.ts';
import { Storage } from '../storage.ts';
import type { StorageSettings } from '../storage-settings.ts';
import { STORAGE_SETTINGS } from './storage-rig.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

/** A storage on the real file system. */
export function machineStorage(directory: string, settings: Partial<StorageSettings> = {}): Storage {
  return new Storage({
    settings: { ...STORAGE_SETTINGS, segmentBytes: 256 * 1024, ...settings, directory },
    files: new NodeFileSystem(),
    processes: new MachineProcesses(),
    clock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    randomBytes: (count) => randomBytes(count),
  });
}
