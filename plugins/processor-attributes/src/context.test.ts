import { jsonToProto, LogsBatch } from '@millrace/otlp';
import { expect, test } from 'vitest';
import definition from './index.ts';
import { itemsWith } from './testing/items.ts';
import { collectorWith } from './testing/pass.ts';

const TENANT = 'attributes: { actions: [{ key: tenant, from_context: metadata.tenant, action: upsert }] }';

test('data of different senders is kept apart while it is changed', async () => {
  await using collector = await collectorWith(TENANT, ['logs']);
  const request = jsonToProto('logs', JSON.stringify(itemsWith({}).logs));
  const tenants = ['a', 'b', 'a', 'c'];
  const sender = (tenant: string) => ({ metadata: { tenant: [tenant] } });
  await Promise.all(tenants.map((tenant) => collector.in().send('logs', request, sender(tenant))));
  const found = collector.out().accepted.flatMap(({ bytes }) => {
    return [...LogsBatch.of([bytes]).records].map((record) => record.attributes.get('tenant'));
  });
  expect(found.map(String).toSorted()).toEqual(tenants.toSorted());
});

test('only from_context makes it look at senders', () => {
  const action = { key: 'a', action: 'insert', from_attribute: '', from_context: '', pattern: '', converted_type: '' };
  const uses = (change: object) => definition.usesContext?.({ actions: [{ ...action, ...change }] });
  expect(uses({ value: 1 })).toBe(false);
  expect(uses({ from_context: 'client.address' })).toBe(true);
  expect(uses({ from_context: 'client.address', action: 'delete' })).toBe(false);
});
