import { minimize } from './minimize.ts';
import { drawScenario } from './scenario.ts';
import type { Outcome, Sabotage } from './simulation.ts';
import { describeEvent } from './trace.ts';

const EVENTS_MAX = 60;

/** What went wrong with a seed, how to see it again, and the least that it takes. */
export async function describeFailure(seed: number, failed: Outcome, sabotage: Sabotage = {}): Promise<string> {
  const { limits, outcome } = await minimize(seed, failed, sabotage);
  const scenario = drawScenario(seed, limits);
  const concerned = new Set(outcome.violations.flatMap((text) => [...text.matchAll(/\d+/g)].map(([id]) => Number(id))));
  const events = outcome.trace.events.filter(({ ids, what }) =>
    ids === undefined ? !what.startsWith('log info') : ids.some((id) => concerned.has(id)),
  );
  const shown = events.slice(0, EVENTS_MAX).map(describeEvent);
  return [
    `seed ${seed} fails; to see all of it: npm run sim -- --seed ${seed} --verbose`,
    ...failed.violations.slice(0, 5).map((violation) => `  - ${violation}`),
    `it still fails with ${scenario.requests.length} requests, ${scenario.lives.length} lives before the last one, and of the troubles only: ${[...scenario.troubles].join(', ') || 'none'}`,
    ...outcome.violations.slice(0, 5).map((violation) => `  - ${violation}`),
    `exporters: ${JSON.stringify(scenario.config['exporters'])}`,
    `processors: ${JSON.stringify(scenario.config['processors'])} connectors: ${JSON.stringify(scenario.config['connectors'])}`,
    `service: ${JSON.stringify(scenario.config['service'])}`,
    ...shown,
    ...(events.length > shown.length ? [`  … and ${events.length - shown.length} more`] : []),
  ].join('\n');
}
