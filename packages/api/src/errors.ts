/**
 * Why data was not taken, in the two kinds that senders can act upon.
 *
 * Receivers map them to their protocol: permanent to 400 / INVALID_ARGUMENT, retryable to 429 or 503 with
 * Retry-After / RESOURCE_EXHAUSTED or UNAVAILABLE with RetryInfo. Anything else that a component throws on the data
 * path counts as permanent for the batch it was given.
 */
export class DeliveryError extends Error {
  /** Stable, upper-case identifier that tests and dashboards use. */
  readonly code: string;
  /** Whether sending the same data again may succeed. */
  readonly retryable: boolean;
  /** When the sender may try again, in milliseconds from now; undefined leaves it to the sender's backoff. */
  readonly retryAfterMs: number | undefined;
  /** How many items of the batch failed; undefined means all of them. */
  readonly failedItems: number | undefined;

  constructor(message: string, options: DeliveryErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DeliveryError';
    this.code = options.code;
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.failedItems = options.failedItems;
  }
}

/** How a {@link DeliveryError} is made. */
export interface DeliveryErrorOptions {
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly failedItems?: number;
  readonly cause?: unknown;
}

/** The data can never be accepted as it is; sending it again is useless. */
export function permanent(message: string, options: { code?: string; cause?: unknown; failedItems?: number } = {}) {
  return new DeliveryError(message, { code: 'PERMANENT', ...options, retryable: false });
}

/** The data is fine, the moment is not; the sender keeps it and tries again. */
export function retryable(message: string, options: { code?: string; retryAfterMs?: number; cause?: unknown } = {}) {
  return new DeliveryError(message, { code: 'UNAVAILABLE', ...options, retryable: true });
}

/** Whether sending the same data again may succeed after this error. */
export function isRetryable(error: unknown): boolean {
  return error instanceof DeliveryError && error.retryable;
}

/** A component that cannot work as configured: wrong value, port in use, unreadable key. Ends the start. */
export class ComponentError extends Error {
  readonly code: string;
  /** What the person who reads this should do. */
  readonly remedy: string | undefined;

  constructor(message: string, options: { code: string; remedy?: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ComponentError';
    this.code = options.code;
    this.remedy = options.remedy;
  }
}

/** Why a file cannot be read, and what to do, in words, from the error of a file system call; else the error's text. */
export function readErrorText(error: unknown): string {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'ENOENT':
      return 'there is no such file; check the path';
    case 'EISDIR':
      return 'it is a directory; name a file in it';
    case 'ENOTDIR':
      return 'a part of its path is a file, not a directory; check the path';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied; let the user that runs this read it';
    case 'ELOOP':
      return 'its symbolic links go round in a circle; check the path';
    case 'ENAMETOOLONG':
      return 'its name is too long for the file system; check the path';
    case 'EIO':
      return 'the disk failed to read it; look into the system log';
    default:
      return messageOf(error);
  }
}

/** Text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
