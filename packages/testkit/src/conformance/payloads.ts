import type { ReceiverDefinition } from '@millrace/api';
import { type ConsumedPayload, FakeReceiverHost } from '../fake-receiver-host.ts';
import { samplesOf } from '../samples.ts';
import type { Entry, Subject } from './subject.ts';

/**
 * Payloads as the receiver itself hands them over: from what the test's sender sends, or else from what it makes by
 * itself while ten seconds pass on its clock.
 */
export async function payloadsOf(subject: Subject): Promise<readonly ConsumedPayload[]> {
  const { definition, options } = subject;
  if (definition.kind !== 'receiver') return [];
  const receiver = [options.receiver ?? []].flat().find(({ config }) => subject.ownOf([config]).length > 0);
  const [first] = await subject.entries();
  if (receiver === undefined) return first === undefined ? [] : ownPayloads(definition, first);
  const entry = await subject.read('options.receiver.config', receiver.config);
  const host = new FakeReceiverHost(entry.signals);
  const lifecycle = definition.create(entry.config, host);
  await lifecycle.start?.();
  try {
    const sender = await receiver.open(host.announced.map(({ place }) => place));
    for (const signal of entry.signals) for (const { bytes } of samplesOf(signal)) await sender.send(signal, bytes);
    await sender.close();
  } finally {
    await lifecycle.shutdown?.();
  }
  return host.consumed;
}

async function ownPayloads(definition: ReceiverDefinition, entry: Entry): Promise<readonly ConsumedPayload[]> {
  const host = new FakeReceiverHost(entry.signals);
  const lifecycle = definition.create(entry.config, host);
  try {
    await lifecycle.start?.();
    await host.manualClock.advance(10_000);
  } catch {
    // It needs a world that is not there: other rules look at that.
  } finally {
    await lifecycle.shutdown?.();
  }
  return host.consumed.slice(0, 30);
}
