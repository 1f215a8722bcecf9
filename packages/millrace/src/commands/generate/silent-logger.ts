import type { Logger } from '@millrace/api';

const nothing = () => undefined;

/** What goes wrong is counted, with its reasons. */
export const SILENT: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
