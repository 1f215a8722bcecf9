import { permanent, retryable } from '@millrace/api';
import type { GrindResult, LeafBatch, Mill, Part } from '@millrace/workers';
import { describe, expect, it } from 'vitest';
import { Stage } from './stage.ts';

const part: Part = {
  region: { bytes: new Uint8Array(10), share: () => part.region, release: () => undefined },
  form: undefined,
  context: undefined,
};

const leafOf = (leaf: number, parts: readonly number[]): LeafBatch => ({
  leaf,
  signal: 'logs',
  regions: [],
  items: parts.length,
  context: undefined,
  parts,
});

/** A stage whose first grind is held until what comes next has gathered; targets refuse as told. */
function stageOf(leaves: readonly LeafBatch[], refuse: (batch: LeafBatch) => Error | undefined) {
  const grinds: { parts: number; end: () => void }[] = [];
  const grind = (_plan: string, parts: readonly Part[]) =>
    new Promise<GrindResult>((resolve) => {
      const outcomes = parts.map(() => ({ items: 1, failedItems: 0, error: undefined }));
      const end = () =>
        resolve({ parts: outcomes, leaves: grinds.length === 1 ? [] : leaves, steps: [], counts: [], busyMs: 0 });
      grinds.push({ parts: parts.length, end });
    });
  const consume = (batch: LeafBatch) => {
    const error = refuse(batch);
    return error === undefined ? Promise.resolve() : Promise.reject(error);
  };
  const stage = new Stage({
    spec: { plan: { id: 'plan' }, entry: { from: 'receiver' }, priority: 'normal' } as never,
    mill: { grind, stats: { threads: 1 } } as unknown as Mill,
    targets: [{ consume }, { consume }],
    onGround: () => undefined,
  });
  return { stage, grinds };
}

/** Three submissions of one part each, ground together. */
async function three(leaves: readonly LeafBatch[], refuse: (batch: LeafBatch) => Error | undefined) {
  const { stage, grinds } = stageOf(leaves, refuse);
  const first = stage.submit([part]);
  const gathered = [stage.submit([part]), stage.submit([part]), stage.submit([part])];
  grinds[0]?.end();
  await first;
  expect(grinds[1]?.parts).toBe(3);
  grinds[1]?.end();
  return Promise.all(gathered);
}

describe('Stage', () => {
  it('tells a refusal only to those whose items were refused, so that nobody sends twice what was delivered', async () => {
    const leaves = [leafOf(0, [0, 1]), leafOf(0, [2])];
    const outcomes = await three(leaves, ({ parts }) => (parts.includes(2) ? retryable('full') : undefined));
    expect(outcomes.map(({ failedItems, error }) => [failedItems, error?.message])).toEqual([
      [0, undefined],
      [0, undefined],
      [1, 'full'],
    ]);
  });

  it('has a submission sent again if one of its targets may take it later, whatever the others said', async () => {
    const leaves = [leafOf(0, [0, 1, 2]), leafOf(1, [0]), leafOf(1, [1, 2])];
    const outcomes = await three(leaves, ({ leaf, parts }) => {
      if (leaf === 0) return permanent('never');
      return parts.includes(1) ? retryable('later') : undefined;
    });
    expect(outcomes.map(({ error }) => [error?.message, error?.retryable])).toEqual([
      ['never', false],
      ['later', true],
      ['later', true],
    ]);
  });
});
