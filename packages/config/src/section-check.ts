import { SECTION_NAMES } from './component-entries.ts';
import { didYouMeanOf } from './nearest.ts';
import type { Problems } from './problems.ts';
import type { Origin } from './source.ts';

const KNOWN: readonly string[] = [...SECTION_NAMES, 'service', 'plugins'];

/** Reports a section that does not exist. */
export function checkSection(key: string, origin: Origin, problems: Problems): void {
  if (KNOWN.includes(key)) return;
  const message = `the section "${key}" is not known`;
  const remedy = didYouMeanOf(key, KNOWN, 'sections');
  problems.error({ code: 'UNKNOWN_SECTION', origin, path: [key], message, remedy });
}
