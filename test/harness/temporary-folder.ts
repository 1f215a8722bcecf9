import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEndOf, type Lifetime } from './cleanup.ts';

/** An empty folder that is removed with everything in it. */
export function temporaryFolder(lifetime: Lifetime = 'test'): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  atEndOf(lifetime, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
