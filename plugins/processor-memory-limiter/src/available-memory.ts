import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

const CGROUP_LIMIT_FILES = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];

/** What the process may use: the limit of its control group (v2, then v1) where there is one, or the machine's memory. */
export function availableMemoryBytes(): number {
  const total = totalmem();
  for (const file of CGROUP_LIMIT_FILES) {
    const limit = readLimit(file);
    if (limit !== undefined && limit < total) return limit;
  }
  return total;
}

function readLimit(file: string): number | undefined {
  try {
    const limit = Number(readFileSync(file, 'latin1').trim());
    return Number.isFinite(limit) && limit > 0 ? limit : undefined;
  } catch {
    return undefined;
  }
}
