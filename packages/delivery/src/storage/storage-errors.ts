import { ComponentError, DeliveryError, messageOf } from '@millrace/api';
import { codeOf } from './file-system.ts';

/** The store has no room; what waits has to be delivered, or room to be made, first. */
export function storageFull(why: string, retryAfterMs: number, cause?: unknown): DeliveryError {
  return new DeliveryError(`the storage is full: ${why}; send again later`, {
    code: 'STORAGE_FULL',
    retryable: true,
    retryAfterMs,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The disk refused a write or a sync. */
export function storageFailed(directory: string, retryAfterMs: number, cause: unknown): DeliveryError {
  return new DeliveryError(`the storage in ${directory} could not be written: ${messageOf(cause)}`, {
    code: 'STORAGE_FAILED',
    retryable: true,
    retryAfterMs,
    cause,
  });
}

export function storageClosed(directory: string): DeliveryError {
  return new DeliveryError(`the storage in ${directory} is closed`, { code: 'SHUTDOWN', retryable: true });
}

export function recordTooLarge(bytes: number, bytesMax: number): DeliveryError {
  return new DeliveryError(`a payload of ${bytes} bytes is larger than what the storage takes (${bytesMax} bytes)`, {
    code: 'TOO_LARGE',
    retryable: false,
  });
}

/** Turns what went wrong while opening a directory into one sentence about what to do. */
export function cannotOpen(directory: string, error: unknown): ComponentError {
  if (error instanceof ComponentError) return error;
  const { code, remedy } = REMEDIES[codeOf(error) ?? ''] ?? {
    code: 'STORAGE_UNUSABLE',
    remedy: 'Check the disk and the directory.',
  };
  return new ComponentError(`cannot open the storage in ${directory}: ${messageOf(error)}`, {
    code,
    remedy,
    cause: error,
  });
}

const NO_ACCESS = {
  code: 'STORAGE_ACCESS',
  remedy: 'Give the directory and its files to the user that the collector runs as.',
};
const REMEDIES: Readonly<Record<string, { readonly code: string; readonly remedy: string }>> = {
  EACCES: NO_ACCESS,
  EPERM: NO_ACCESS,
  EROFS: {
    code: 'STORAGE_READ_ONLY',
    remedy: 'Mount the file system writable, or name a directory on one that is.',
  },
  ENOENT: {
    code: 'STORAGE_MISSING',
    remedy: 'Create the directory, or set create_directory: true.',
  },
  ENOTDIR: {
    code: 'STORAGE_MISSING',
    remedy: 'Name a directory; a part of this path is a file.',
  },
  ENOSPC: {
    code: 'STORAGE_DISK_FULL',
    remedy: 'Make room on the disk, or name a directory on one that has room.',
  },
};
