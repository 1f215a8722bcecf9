import { SIGNALS } from '@millrace/api';
import { collectorOf, samplesOf, taggedRequest } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { attributeOf, builtIn, STEPS } from './testing/steps.ts';

const plugins = [STEPS, builtIn('connector-forward'), builtIn('processor-batch')];

function config(components: string, pipelines: object): string {
  return `
receivers: { test/in: , test/in2: }
exporters: { test/out: , test/out2: , test/out3: }
${components}
service: ${JSON.stringify({ pipelines })}
`;
}

test('a pipeline that changes its data leaves the same data of another pipeline as it came', async () => {
  const yaml = config('processors: { mark: }', {
    'logs/changed': { receivers: ['test/in'], processors: ['mark'], exporters: ['test/out'] },
    'logs/plain': { receivers: ['test/in'], exporters: ['test/out2'] },
  });
  await using collector = await collectorOf(yaml, { plugins });
  const request = taggedRequest('logs', [1, 2, 3]);
  await collector.in().send('logs', request);
  expect(attributeOf(collector.out().accepted, 'mark')).toEqual(['mark', 'mark', 'mark']);
  expect(collector.out('test/out2').accepted).toMatchObject([{ bytes: Uint8Array.from(request), items: 3 }]);
});

test('every exporter of a pipeline gets everything', async () => {
  const yaml = config('', { logs: { receivers: ['test/in'], exporters: ['test/out', 'test/out2', 'test/out3'] } });
  await using collector = await collectorOf(yaml);
  await collector.in().push('logs', [1, 2]);
  for (const id of ['test/out', 'test/out2', 'test/out3']) expect(collector.out(id).ids()).toEqual([1, 2]);
});

test('several receivers feed one pipeline, and one receiver feeds several', async () => {
  const yaml = config('', {
    'logs/both': { receivers: ['test/in', 'test/in2'], exporters: ['test/out'] },
    'logs/second': { receivers: ['test/in2'], exporters: ['test/out2'] },
    traces: { receivers: ['test/in2'], exporters: ['test/out2'] },
  });
  await using collector = await collectorOf(yaml);
  await collector.in().push('logs', [1]);
  await collector.in('test/in2').push('logs', [2]);
  await collector.in('test/in2').push('traces', [3]);
  expect(collector.out().ids('logs')).toEqual([1, 2]);
  expect(collector.out('test/out2').ids('logs')).toEqual([2]);
  expect(collector.out('test/out2').ids('traces')).toEqual([3]);
});

test('data of a signal that no pipeline takes from the receiver is refused for good', async () => {
  const yaml = config('', { logs: { receivers: ['test/in'], exporters: ['test/out'] } });
  await using collector = await collectorOf(yaml);
  await expect(collector.in().push('traces', [1])).rejects.toMatchObject({
    code: 'SIGNAL_NOT_CONFIGURED',
    retryable: false,
  });
});

test('a chain of connectors runs the processors of each pipeline on its way', async () => {
  const yaml = config(
    'connectors: { forward/a: , forward/b: , pass: }\nprocessors: { mark/1: { as: one }, mark/2: { as: two } }',
    {
      'logs/first': { receivers: ['test/in'], processors: ['mark/1'], exporters: ['forward/a', 'test/out'] },
      'logs/second': { receivers: ['forward/a'], processors: ['mark/2'], exporters: ['forward/b', 'test/out2'] },
      'logs/third': { receivers: ['forward/b'], exporters: ['pass'] },
      'logs/fourth': { receivers: ['pass', 'test/in2'], exporters: ['test/out3'] },
    },
  );
  await using collector = await collectorOf(yaml, { plugins });
  await collector.in().push('logs', [1]);
  await collector.in('test/in2').push('logs', [2]);
  const seen = (id: string) => ['one', 'two'].map((key) => attributeOf(collector.out(id).accepted, key));
  expect(seen('test/out')).toEqual([['one'], [undefined]]);
  expect(seen('test/out2')).toEqual([['one'], ['two']]);
  expect(seen('test/out3')).toEqual([
    ['one', undefined],
    ['two', undefined],
  ]);
  expect(collector.out('test/out3').ids()).toEqual([1, 2]);
});

test('a connector that forks feeds each receiving pipeline its own copy', async () => {
  const yaml = config('connectors: { forward: }\nprocessors: { mark: , only_even: }', {
    'logs/in': { receivers: ['test/in'], exporters: ['forward'] },
    'logs/marked': { receivers: ['forward'], processors: ['mark'], exporters: ['test/out'] },
    'logs/even': { receivers: ['forward'], processors: ['only_even'], exporters: ['test/out2'] },
  });
  await using collector = await collectorOf(yaml, { plugins });
  await collector.in().push('logs', [1, 2, 3]);
  expect(collector.out().ids()).toEqual([1, 2, 3]);
  expect(attributeOf(collector.out('test/out2').accepted, 'mark')).toEqual([undefined]);
  expect(collector.out('test/out2').ids()).toEqual([2]);
});

test.each(SIGNALS)('%s that nobody changes pass byte for byte, also several requests at once', async (signal) => {
  const pipeline = { receivers: ['test/in'], exporters: ['forward'] };
  const after = { receivers: ['forward'], exporters: ['test/out'] };
  const yaml = config('connectors: { forward: }', { [signal]: pipeline, [`${signal}/after`]: after });
  await using collector = await collectorOf(yaml, { plugins });
  const samples = samplesOf(signal);
  await Promise.all(samples.map(({ bytes }) => collector.in().send(signal, bytes)));
  expect(collector.out().ids(signal)).toEqual(samples.flatMap(({ ids }) => ids));
  const arrived = collector.out().accepted.map(({ bytes }) => bytes);
  expect(Buffer.concat(arrived)).toEqual(Buffer.concat(samples.map(({ bytes }) => bytes)));
});

test.each(['[]', '[batch]'])(
  'requests of profiles are not joined on their way through %s: each has its own dictionary',
  async (processors) => {
    const queue = '{ sending_queue: { batch: { min_size: 3, flush_timeout: 1h }, num_consumers: 1 } }';
    const yaml = `
receivers: { test/in: }
processors: { batch: { send_batch_size: 3, timeout: 1h } }
exporters: { test/out: , test/queued: ${queue} }
service: { pipelines: { profiles: { receivers: [test/in], processors: ${processors}, exporters: [test/out, test/queued] } } }
`;
    await using collector = await collectorOf(yaml, { plugins });
    const requests = [1, 2, 3].map((id) => taggedRequest('profiles', [id]));
    await Promise.all(requests.map((request) => collector.in().send('profiles', request)));
    await collector.shutdown();
    for (const id of ['test/out', 'test/queued']) {
      const arrived = collector.out(id).accepted.map(({ bytes }) => bytes);
      expect(arrived).toEqual(requests.map((bytes) => Uint8Array.from(bytes)));
    }
  },
);
