import type { ConfigFault } from '@millrace/api';
import { keyOf } from './keys.ts';
import type { Settings } from './settings.ts';

/** A store needs a few segments to work with. */
const SIZE_MIN = 1024 * 1024;

/** What the schema cannot say. */
export function checkSettings(config: Settings): readonly ConfigFault[] {
  const { directory_permissions: permissions, max_size: maxBytes, compaction, encryption } = config;
  const faults: ConfigFault[] = [];
  if (!/^0?[0-7]{1,3}$/.test(permissions)) {
    faults.push({
      path: ['directory_permissions'],
      message: `must be permission bits in octal, got "${permissions}"`,
      remedy: 'write them as 0750',
    });
  }
  if (maxBytes > 0 && maxBytes < SIZE_MIN) {
    faults.push({
      path: ['max_size'],
      message: `is ${maxBytes} bytes, must be at least 1MiB`,
      remedy: 'raise it, or write 0 for no limit',
    });
  }
  if (compaction.on_rebound && compaction.check_interval <= 0) {
    faults.push({
      path: ['compaction', 'check_interval'],
      message: 'must be positive when on_rebound is set',
      remedy: 'write a time such as 5s',
    });
  }
  if (encryption !== undefined) faults.push(...checkEncryption(encryption));
  return faults;
}

function checkEncryption({ key, key_file: file }: NonNullable<Settings['encryption']>): readonly ConfigFault[] {
  if ((key === undefined) === (file === undefined)) {
    const message = key === undefined ? 'needs a key' : 'has both key and key_file';
    return [{ path: ['encryption'], message, remedy: 'write one of key and key_file' }];
  }
  if (key === undefined || keyOf(key) !== undefined) return [];
  const remedy = 'make one with: openssl rand -base64 32';
  return [{ path: ['encryption', 'key'], message: 'must be 32 bytes as base64', remedy }];
}
