import { describeConformance, FakeReceiverHost } from '@millrace/testkit';
import { expect, test } from 'vitest';
import definition from './index.ts';

describeConformance(new URL('./index.ts', import.meta.url));

test('in a collector that no program feeds, it says so, and what to do', async () => {
  const host = new FakeReceiverHost(['logs'], { id: 'in_process/app' });
  await definition.create({}, host).start?.();
  expect(host.statuses).toEqual([
    {
      status: 'permanent_error',
      message: expect.stringMatching(/^no program feeds this receiver.*; start the collector/),
    },
  ]);
});
