import { expect, test } from 'vitest';
import { Probabilistic, thresholdOf } from './probabilistic.ts';

// Computed with Go's math/big and hash/fnv, as the Collector does.
const THRESHOLDS: readonly (readonly [percent: number, threshold: bigint])[] = [
  [0, 0n],
  [1e-20, 0n],
  [1e-15, 184n],
  [0.001, 184467440737095n],
  [0.1, 18446744073709551n],
  [1, 184467440737095519n],
  [5, 922337203685477631n],
  [10, 1844674407370955263n],
  [33.3, 6142765776545279999n],
  [50, 9223372036854775807n],
  [66.6666666666, 12297829382460735487n],
  [99.999999999999, 18446744073709367295n],
  [99.99999999999999, 18446744073709549567n],
  [100, 18446744073709551615n],
  [150, 18446744073709551615n],
];

const HASHES: readonly (readonly [salt: string, id: string, hash: bigint])[] = [
  ['', '00000000000000000000000000000000', 16254958829412527165n],
  ['', '0102030405060708090a0b0c0d0e0f10', 15838989281584434349n],
  ['', 'ffffffffffffffffffffffffffffffff', 1711019809656077869n],
  ['default-hash-seed', '4bf92f3577b34da6a3ce929d0e0e4736', 11908981664384643253n],
  ['tier-2', '5b8efff798038103d269b633813fc60c', 143876512103348864n],
  ['tier-2', '0102030405060708090a0b0c0d0e0f10', 9385601550328099306n],
  ['sälz', '4bf92f3577b34da6a3ce929d0e0e4736', 6004175456445549883n],
  ['sälz', 'ffffffffffffffffffffffffffffffff', 1029829956941917347n],
];

test.each(THRESHOLDS)('%s %% is a threshold of %s', (percent, threshold) => {
  expect(thresholdOf(percent / 100)).toBe(threshold);
});

test.each(HASHES)(
  'with the salt "%s", the trace %s has the hash %s, and is sampled up from there',
  (salt, id, hash) => {
    for (const [percent, threshold] of THRESHOLDS) {
      const policy = new Probabilistic({ hash_salt: salt, sampling_percentage: percent });
      const decision = policy.decide({ id: Buffer.from(id, 'hex'), spanCount: 1, bytes: 1 });
      expect(decision, `${percent} %`).toBe(hash <= threshold ? 'sampled' : 'not_sampled');
    }
  },
);
