import type { Definition } from '@millrace/api';
import type { ComponentEntries } from './component-entries.ts';
import type { Isolations } from './plugins.ts';
import type { Problems } from './problems.ts';

/** Refuses components of isolated plugins of which nothing would be isolated, and tells where a half of one stays. */
export function checkIsolation(entries: ComponentEntries, isolations: Isolations, problems: Problems): void {
  for (const { kind, id, key, path, found } of Object.values(entries).flatMap((section) => [...section.values()])) {
    if (found?.plugin === undefined || !isolations.has(found.plugin)) continue;
    const { pure, io } = halvesOf(found.definition);
    if (io === undefined) continue;
    const name = `the ${kind} "${id}" of the isolated plugin "${found.plugin}"`;
    if (pure === undefined) {
      const message = `${name} cannot be isolated: ${io} does I/O or holds state, which happens in the collector's own process`;
      const remedy = 'put it into a plugin file of its own, without isolation: worker';
      problems.error({ code: 'ISOLATION_IMPOSSIBLE', origin: key, path, message, remedy });
    } else {
      const message = `${name} is isolated in part: ${pure} has a worker of its own, ${io} runs in the collector's own process`;
      problems.warn({ code: 'ISOLATION_IN_PART', origin: key, path, message });
    }
  }
}

/** What a definition consists of, as it calls it. `pure` can be isolated. */
function halvesOf(definition: Definition): { readonly pure?: string; readonly io?: string } {
  switch (definition.kind) {
    case 'receiver':
      return { ...(definition.decoder === undefined ? {} : { pure: 'decoder()' }), io: 'create()' };
    case 'exporter':
      return { ...pureHalfOf(definition), io: 'create()' };
    case 'extension':
      return { io: 'create()' };
    case 'processor':
      if (definition.stateful !== undefined) return { io: 'stateful.create()' };
      return definition.gate === undefined ? { pure: 'create()' } : { io: 'gate.create()' };
    case 'connector':
      return definition.stateful === undefined ? { pure: 'create()' } : { io: 'stateful.create()' };
  }
}

function pureHalfOf(definition: Definition<'exporter'>): { readonly pure?: string } {
  const hasJobs = definition.jobs !== undefined;
  if (definition.encoder !== undefined) return { pure: hasJobs ? 'encoder() and its jobs' : 'encoder()' };
  return hasJobs ? { pure: 'its jobs' } : {};
}
