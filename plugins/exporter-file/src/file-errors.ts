import { ComponentError, type DeliveryError, messageOf, retryable } from '@millrace/api';
import { dirname } from 'node:path';
import { errnoOf } from './file-system.ts';

/** Why the exporter cannot start, from the error of a file system call on `path`. */
export function startError(path: string, error: unknown): ComponentError {
  if (error instanceof ComponentError) return error;
  const [code, what, remedy] = explain(path, error);
  return new ComponentError(`cannot write "${path}": ${what}`, { code, remedy, cause: error });
}

/** A write that failed after the start; the data can be sent again. */
export function writeError(path: string, error: unknown): DeliveryError {
  const [, what] = explain(path, error);
  return retryable(`cannot write "${path}": ${what}`, { code: 'FILE_WRITE', cause: error });
}

export function pathIsDirectory(path: string): ComponentError {
  return new ComponentError(`cannot write "${path}": it is a directory`, {
    code: 'PATH_IS_DIRECTORY',
    remedy: 'name a file in it',
  });
}

function explain(path: string, error: unknown): [code: string, what: string, remedy: string] {
  const directory = dirname(path);
  switch (errnoOf(error)) {
    case 'ENOENT':
      return [
        'DIRECTORY_MISSING',
        `the directory "${directory}" does not exist`,
        'create it, or set create_directory: true',
      ];
    case 'EACCES':
    case 'EPERM':
      return ['NOT_PERMITTED', 'permission denied', `let the user that runs this write to "${directory}"`];
    case 'EROFS':
      return ['READ_ONLY', 'the file system is read-only', 'choose a path on another one, or mount it writable'];
    case 'ENOTDIR':
    case 'EEXIST':
      return ['NOT_A_DIRECTORY', `a part of "${directory}" is a file`, 'choose another path'];
    case 'EISDIR':
      return ['PATH_IS_DIRECTORY', 'it is a directory', 'name a file in it'];
    case 'ENOSPC':
    case 'EDQUOT':
      return ['DISK_FULL', 'no space is left on the disk', 'make room, or lower rotation.max_backups'];
    default:
      return ['FILE_OPEN', messageOf(error), 'see the system error in this message'];
  }
}
