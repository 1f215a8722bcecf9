import { type ConfigFault, type Static, Type } from '@millrace/api';
import { PROBABILITY_MIN } from './threshold.ts';

export const samplerSettings = Type.Object({
  sampling_percentage: Type.Number({
    default: 0,
    minimum: 0,
    description: 'How many of a hundred are kept; 100 and more keep all, 0 keeps none.',
    examples: [15.3],
  }),
  mode: Type.Enum(['hash_seed', 'proportional', 'equalizing'], {
    default: 'hash_seed',
    description:
      'hash_seed: by a hash of the trace id or of an attribute. proportional: keeps this share of what arrives. equalizing: ' +
      'keeps less of what earlier samplers have not thinned out to this percentage.',
  }),
  hash_seed: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 4_294_967_295,
    description: 'Seed of the hash. Collectors of one tier need the same, tiers that sample anew different ones.',
  }),
  fail_closed: Type.Boolean({
    default: true,
    description: 'Whether items without usable sampling information (no trace id, a broken tracestate) are dropped.',
  }),
  sampling_precision: Type.Integer({
    default: 4,
    minimum: 1,
    maximum: 14,
    description: 'Hex digits with which thresholds are written.',
  }),
  attribute_source: Type.Enum(['traceID', 'record'], {
    default: 'traceID',
    description:
      'Log records, mode hash_seed: hashes the trace id, and from_attribute without one; or only from_attribute.',
  }),
  from_attribute: Type.String({
    default: '',
    description: 'Log records, mode hash_seed: the attribute that is hashed, such as an id of the record.',
  }),
  sampling_priority: Type.String({
    default: '',
    description: 'Log records: an attribute with a percentage of its own, which is used instead where it is there.',
  }),
});

export type SamplerSettings = Static<typeof samplerSettings>;

export function checkSampler({ sampling_percentage }: SamplerSettings): ConfigFault[] {
  const ratio = Math.fround(sampling_percentage) / 100;
  if (sampling_percentage === 0 || (ratio >= PROBABILITY_MIN && Number.isFinite(ratio))) return [];
  const message = `${sampling_percentage} is no percentage that can be kept exactly`;
  return [{ path: ['sampling_percentage'], message, remedy: 'write 0, or a number from 1e-14 to 100' }];
}
