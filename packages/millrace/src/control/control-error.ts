import { ComponentError, messageOf } from '@millrace/api';
import { ConfigErrors } from '@millrace/config';

/** An error as it is told over the socket. */
export interface ControlError {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

export function controlErrorOf(error: unknown): ControlError {
  if (error instanceof ConfigErrors) return { code: 'CONFIG', message: error.format({ excerpts: false }) };
  const code = (error as { code?: unknown }).code;
  const remedy = error instanceof ComponentError ? error.remedy : undefined;
  return {
    code: typeof code === 'string' ? code : 'INTERNAL',
    message: messageOf(error),
    ...(remedy === undefined ? {} : { remedy }),
  };
}
