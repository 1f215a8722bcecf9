import {
  type Batch,
  defineConnector,
  defineProcessor,
  type Definition,
  retryable,
  type StatefulComponent,
  type StatefulHost,
  sendingQueue,
  Type,
} from '@millrace/api';
import { collectorOf, type CollectorOfOptions } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';

type Host = Pick<StatefulHost, 'split'> & { next(batches: readonly Batch[]): Promise<void> };
type Consume = (batch: Batch, host: Host) => Promise<void>;

const COMMON = { type: 'made', summary: 'Is made by a test.', stability: 'development', examples: [] } as const;

function componentOf(consume: Consume, host: Host): StatefulComponent {
  return { consume: (batch) => consume(batch, host), shutdown: () => Promise.resolve() };
}

function processor(consume: Consume): Definition {
  return defineProcessor({
    ...COMMON,
    config: Type.Object({}),
    stateful: { signals: ['logs'], create: (_config, host) => componentOf(consume, host) },
  }) as Definition;
}

function connector(consume: Consume): Definition {
  const noSplit = (batch: Batch) => [batch];
  return defineConnector({
    ...COMMON,
    routes: [{ from: 'logs', to: 'logs' }],
    config: Type.Object({ sending_queue: Type.Optional(sendingQueue()) }),
    stateful: {
      acknowledges: 'delivered',
      create: (_config, host) => componentOf(consume, { next: (batches) => host.next(batches), split: noSplit }),
    },
  }) as Definition;
}

const PROCESSOR = `
receivers: { test/in: }
processors: { made/x: }
exporters: { test/out: }
service: { pipelines: { logs: { receivers: [test/in], processors: [made/x], exporters: [test/out] } } }
`;
const PLAIN = PROCESSOR.replace('[made/x]', '[]');
const connectorYaml = (settings = '') => `
receivers: { test/in: }
connectors: { made/x: ${settings} }
exporters: { test/out: }
service:
  pipelines:
    logs/in: { receivers: [test/in], exporters: [made/x] }
    logs/out: { receivers: [made/x], exporters: [test/out] }
`;

const collectorWith = (yaml: string, plugin: Definition, options: CollectorOfOptions = {}) =>
  collectorOf(yaml, { plugins: [plugin], ...options });

describe('what a stateful component throws by mistake', () => {
  const bare: Consume = (batch, host) => host.next(batch as unknown as readonly Batch[]);
  const spread: Consume = (batch, host) => host.next([{ ...batch }]);

  test.each([
    ['a processor', PROCESSOR, processor, bare, 'processor "made/x" failed: next() takes a list of batches'],
    ['a processor', PROCESSOR, processor, spread, 'processor "made/x" failed: next() takes batches that'],
    ['a connector', connectorYaml(), connector, bare, 'connector "made/x" failed: next() takes a list of batches'],
  ])('reaches the sender with the name of %s, and is told', async (_, yaml, define, consume, message) => {
    const faults: { message: string; at: string }[] = [];
    const options = { onStepFault: (fault: { message: string; at: string }) => void faults.push(fault) };
    await using collector = await collectorWith(yaml, define(consume), options);
    const error = expect.objectContaining({ code: 'INTERNAL', retryable: false }) as unknown;
    const sent = collector.in().push('logs', [1]);
    await expect(sent).rejects.toEqual(error);
    await expect(sent).rejects.toThrow(message);
    expect(faults).toHaveLength(1);
    expect(faults[0].message).toContain(message);
    // No module, no place in it.
    expect(faults[0].at).toBe(/^\w+ "made\/x"/.exec(message)?.[0]);
  });

  test('is named by a connector with a queue, too', async () => {
    const told = Promise.withResolvers<string>();
    const queue = connectorYaml('{ sending_queue: { } }');
    const options = { onStepFault: ({ message }: { message: string }) => told.resolve(message) };
    await using collector = await collectorWith(queue, connector(bare), options);
    await collector.in().push('logs', [1]);
    expect(await told.promise).toContain('connector "made/x" failed: next() takes a list of batches');
  });

  test('is not said of refusals', async () => {
    const faults: unknown[] = [];
    const refusing = processor((batch) => {
      batch.release();
      return Promise.reject(retryable('not now', { code: 'BUSY' }));
    });
    await using collector = await collectorWith(PROCESSOR, refusing, {
      onStepFault: (fault) => void faults.push(fault),
    });
    await expect(collector.in().push('logs', [1])).rejects.toMatchObject({ code: 'BUSY', message: 'not now' });
    expect(faults).toEqual([]);
  });
});

describe('a stateful component that has ended and holds batches', () => {
  const kept: Batch[] = [];
  const keep: Consume = (batch) => {
    kept.push(batch);
    return Promise.resolve();
  };
  const keepShare: Consume = (batch, host) => {
    kept.push(batch.share());
    return host.next([batch]);
  };
  const keepPiece: Consume = (batch, host) => {
    const [first, ...others] = host.split(batch, 1);
    kept.push(first);
    return host.next(others);
  };
  const passOn: Consume = (batch, host) => host.next([batch]);
  const passPieces: Consume = (batch, host) => host.next(host.split(batch, 1));
  const dropShare: Consume = (batch, host) => {
    batch.share().release();
    return host.next([batch]);
  };

  const warnings = async (yaml: string, plugin: Definition) => {
    const collector = await collectorWith(yaml, plugin);
    for (const id of [1, 10]) await collector.in().push('logs', [id, id + 1]);
    await collector.shutdown();
    return collector.logger.lines
      .filter(({ message }) => message.includes('still holds'))
      .map(({ level, message, fields }) => [level, message, fields.batches]);
  };

  test.each([
    ['never passes on', PROCESSOR, processor(keep), 'processor'],
    ['keeps shares', PROCESSOR, processor(keepShare), 'processor'],
    ['keeps pieces', PROCESSOR, processor(keepPiece), 'processor'],
    ['is a connector', connectorYaml(), connector(keep), 'connector'],
    ['has a queue', connectorYaml('{ sending_queue: { } }'), connector(keepShare), 'connector'],
  ])('is named with their number when it %s', async (_, yaml, plugin, kind) => {
    expect(await warnings(yaml, plugin)).toEqual([
      ['warn', `${kind} "made/x" has ended and still holds 2 batches that it was given`, 2],
    ]);
  });

  test.each([
    ['passes on', PROCESSOR, processor(passOn)],
    ['passes pieces on', PROCESSOR, processor(passPieces)],
    ['releases its shares', PROCESSOR, processor(dropShare)],
    ['is a connector that passes on', connectorYaml(), connector(passOn)],
  ])('is not named when it %s', async (_, yaml, plugin) => {
    expect(await warnings(yaml, plugin)).toEqual([]);
  });

  test('is named when a reload has ended it', async () => {
    const collector = await collectorWith(PROCESSOR, processor(keep));
    await collector.in().push('logs', [1]);
    await collector.reload(PLAIN);
    await collector.shutdown();
    const said = collector.logger.messages('warn').filter((message) => message.includes('still holds'));
    expect(said).toEqual(['processor "made/x" has ended and still holds 1 batch that it was given']);
  });
});
