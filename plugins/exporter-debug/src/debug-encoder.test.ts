import { jsonToProto, ProfilesBatch } from '@millrace/otlp';
import { describe, expect, it } from 'vitest';
import { DebugEncoder, decodeShown } from './debug-encoder.ts';
import { logs, metrics, traces } from './testing/samples.ts';

const show = (verbosity: 'basic' | 'normal' | 'detailed', batch: Parameters<DebugEncoder['encode']>[0]) =>
  decodeShown(new DebugEncoder({ verbosity }).encode(batch));

it('basic verbosity counts, and nothing else', () => {
  expect(show('basic', logs())).toEqual({
    title: 'Logs',
    counts: { 'resource logs': 1, 'log records': 2 },
    text: '',
  });
  expect(show('basic', traces())).toEqual({ title: 'Traces', counts: { 'resource spans': 1, spans: 2 }, text: '' });
  expect(show('basic', metrics())).toEqual({
    title: 'Metrics',
    counts: { 'resource metrics': 1, metrics: 7, 'data points': 7 },
    text: '',
  });
});

describe.each([
  ['logs', logs],
  ['traces', traces],
  ['metrics', metrics],
] as const)('%s', (_signal, batch) => {
  it('normal verbosity has a line for each item', () => {
    expect(show('normal', batch()).text).toMatchSnapshot();
  });

  it('detailed verbosity has everything', () => {
    expect(show('detailed', batch()).text).toMatchSnapshot();
  });
});

it('profiles are counted, and shown as JSON', () => {
  const request = { resourceProfiles: [{ scopeProfiles: [{ profiles: [{ profileId: '01'.repeat(16) }] }] }] };
  const batch = ProfilesBatch.of([jsonToProto('profiles', JSON.stringify(request))]);
  expect(show('basic', batch).title).toBe('Profiles');
  expect(JSON.parse(show('detailed', batch).text)).toMatchObject(request);
});
