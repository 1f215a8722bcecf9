import type { StorageDirectory } from '@millrace/api';
import { keysOf } from './keys.ts';
import type { Settings } from './settings.ts';

/** What the settings ask of the store. Reads the keys. */
export async function storageDirectory(config: Settings): Promise<StorageDirectory> {
  return {
    directory: config.directory,
    createDirectory: config.create_directory,
    directoryMode: Number.parseInt(config.directory_permissions, 8),
    lockTimeoutMs: config.timeout,
    fsync: config.fsync,
    bytesMax: config.max_size === 0 ? Infinity : config.max_size,
    freeBytesMin: config.min_free_space,
    keys: await keysOf(config),
  };
}
