import type { Logger } from '@millrace/api';

const silent = (): void => undefined;

/** Says nothing. */
export const silentLogger: Logger = { debug: silent, info: silent, warn: silent, error: silent };
