/**
 * What a policy says about a trace. The inverted ones come of `invert_match` where `invert_decisions` is set; `error`
 * leaves the policy out of the final decision.
 */
export type Decision = 'sampled' | 'not_sampled' | 'dropped' | 'inverted_sampled' | 'inverted_not_sampled' | 'error';

/** What becomes of a trace. */
export type FinalDecision = 'sampled' | 'not_sampled' | 'dropped';

export function isYes(decision: Decision): boolean {
  return decision === 'sampled' || decision === 'inverted_sampled';
}

export function isNo(decision: Decision): boolean {
  return decision === 'not_sampled' || decision === 'inverted_not_sampled';
}
