import { diag, DiagLogLevel } from '@opentelemetry/api';
import { afterEach, beforeEach } from 'vitest';

/** What the SDK's diagnostics are told during each test of a file. */
export function recordedDiagnostics(): { readonly warnings: string[]; readonly errors: string[] } {
  const warnings: string[] = [];
  const errors: string[] = [];
  const nothing = () => undefined;
  beforeEach(() => {
    warnings.length = 0;
    errors.length = 0;
    diag.setLogger(
      {
        error: (message) => void errors.push(message),
        warn: (message) => void warnings.push(message),
        info: nothing,
        debug: nothing,
        verbose: nothing,
      },
      { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true },
    );
  });
  afterEach(() => diag.disable());
  return { warnings, errors };
}
