import { expect, test } from 'vitest';
import { SamplingWeight } from './sampling-weight.ts';

test.each([
  ['', 1, false],
  ['vendor=value', 1, false],
  ['ot=rv:abcdabcdabcdff', 1, false],
  ['ot=th:0', 1, true],
  ['ot=th:8', 2, true],
  ['ot=th:c', 4, true],
  ['ot=th:fd70a4', 100, true],
  ['a=b,ot=rv:1;th:8 ,c=d', 2, true],
  ['ot=th:8000000000000000', 1, false],
  ['ot=th:G', 1, false],
  ['xot=th:8', 1, false],
])('%s counts %d times', (state, times, isAdjusted) => {
  const weight = new SamplingWeight(() => 0.999_999_9);
  expect(weight.of(state)).toBe(times);
  expect(weight.isAdjusted).toBe(isAdjusted);
});

test('fractions are right on average', () => {
  let turn = 0;
  const weight = new SamplingWeight(() => (turn++ % 1000) / 1000);
  // A threshold of a quarter: each span stands for four thirds.
  let sum = 0;
  for (let index = 0; index < 3000; index++) sum += weight.of('ot=th:4');
  expect(sum).toBeCloseTo(4000, -1);
});
