import type { Finding, TableSource } from './source/lookup-source.ts';
import type { Item, Rule } from './lookup-rule.ts';
import type { OpenItems } from './open-items.ts';

/** What looking up came to, in keys of items. */
export interface Tally {
  hits: number;
  misses: number;
  /** The source could not say. */
  errors: number;
  dropped: number;
}

export function noTally(): Tally {
  return { hits: 0, misses: 0, errors: 0, dropped: 0 };
}

/** Looks up all items in a table: item by item, each with all rules. */
export function enrichFromTable(open: OpenItems, rules: readonly Rule[], table: TableSource): Tally {
  const tally = noTally();
  for (const item of open.items()) {
    for (const rule of rules) {
      const key = rule.keyOf(item);
      if (key !== '' && !applyTo(item, rule, table.find(key), tally)) break;
    }
  }
  return tally;
}

/** What is known of keys; those that the source could not say anything about are not in it. */
export type Findings = ReadonlyMap<string, Finding>;

/**
 * Looks up all items in a source that has to be asked: rule by rule, so that each needs one round of questions, and a rule may
 * use what the one before has written.
 */
export async function enrichFromRemote(
  open: OpenItems,
  rules: readonly Rule[],
  findAll: (keys: ReadonlySet<string>) => Findings | Promise<Findings>,
): Promise<Tally> {
  const tally = noTally();
  for (const rule of rules) {
    const keys: string[] = [];
    for (const item of open.items()) keys.push(rule.keyOf(item));
    const distinct = new Set(keys);
    distinct.delete('');
    if (distinct.size > 0) applyAll(open, rule, { keys, findings: await findAll(distinct) }, tally);
  }
  return tally;
}

function applyAll(
  open: OpenItems,
  rule: Rule,
  { keys, findings }: { readonly keys: readonly string[]; readonly findings: Findings },
  tally: Tally,
): void {
  let index = 0;
  for (const item of open.items()) {
    const key = keys[index++];
    if (key === '') continue;
    if (findings.has(key)) applyTo(item, rule, findings.get(key), tally);
    else tally.errors++;
  }
}

function applyTo(item: Item, rule: Rule, found: Finding, tally: Tally): boolean {
  if (found === undefined) tally.misses++;
  else tally.hits++;
  const isKept = rule.apply(item, found);
  if (!isKept) tally.dropped++;
  return isKept;
}
