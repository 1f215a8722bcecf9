import { drawScenario, type ScenarioLimits, TROUBLES } from './scenario.ts';
import { type Outcome, type Sabotage, simulate } from './simulation.ts';

/** A failing scenario without what it does not need to fail. */
export interface Minimized {
  readonly limits: ScenarioLimits;
  readonly outcome: Outcome;
}

/** Leaves out kinds of trouble, lives and requests, as long as something is still wrong. */
export async function minimize(seed: number, failed: Outcome, sabotage: Sabotage = {}): Promise<Minimized> {
  const whole = drawScenario(seed);
  let best: Minimized = {
    limits: { troubles: whole.troubles, livesMax: whole.lives.length, requestsMax: whole.requests.length },
    outcome: failed,
  };
  const attempt = async (changes: ScenarioLimits): Promise<boolean> => {
    const limits = { ...best.limits, ...changes };
    const outcome = await simulate(drawScenario(seed, limits), sabotage);
    if (outcome.violations.length === 0) return false;
    best = { limits, outcome };
    return true;
  };
  for (const trouble of TROUBLES) {
    const troubles = new Set([...(best.limits.troubles ?? [])].filter((each) => each !== trouble));
    await attempt({ troubles });
  }
  for (let lives = 0; lives < (best.limits.livesMax ?? 0); lives++) if (await attempt({ livesMax: lives })) break;
  for (let step = best.limits.requestsMax ?? 0; step >= 1; step = Math.floor(step / 2)) {
    while (
      (best.limits.requestsMax ?? 0) > step &&
      (await attempt({ requestsMax: (best.limits.requestsMax ?? 0) - step }))
    );
  }
  return best;
}
