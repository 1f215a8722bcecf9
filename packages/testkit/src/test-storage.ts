import { randomBytes } from 'node:crypto';
import { defineExtension, type Definition, Type } from '@millrace/api';
import type { SimulatedFileSystem } from '@millrace/delivery/simulated-file-system';
import type { Machine } from '@millrace/engine';

/** The storage `test_storage`, which lies on the simulated disk of a test. */
export const testStorage = defineExtension({
  type: 'test_storage',
  summary: 'Keeps queues and state on a simulated disk.',
  stability: 'development',
  config: Type.Object({}),
  examples: [{ title: 'No settings', yaml: 'test_storage:' }],
  create: () => ({}),
  storage: () => ({
    directory: '/test_storage',
    createDirectory: true,
    directoryMode: 0o750,
    lockTimeoutMs: 1_000,
    fsync: true,
    bytesMax: 16 * 1024 * 1024,
    freeBytesMin: 0,
    keys: [],
  }),
}) as Definition<'extension'>;

let processes = 0;

/** A computer with that disk, for one process: those before it are dead. When power is cut, its disk answers no more. */
export function machineWith(disk: SimulatedFileSystem): Machine {
  const self = { pid: ++processes, host: 'test', boot: 'test', pidNamespace: 'test', started: 'test' };
  return {
    random: Math.random,
    randomBytes: (count) => randomBytes(count),
    files: () => disk.mount(),
    processes: () => ({ self, fate: (owner) => (owner.pid === self.pid ? 'alive' : 'dead') }),
  };
}
