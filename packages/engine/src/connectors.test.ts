import {
  type Batch,
  type ConnectorDefinition,
  type ConnectorHost,
  defineConnector,
  type Definition,
  sendingQueue,
  type Signal,
  type StatefulConnector,
  Type,
} from '@millrace/api';
import {
  collectorOf,
  type CollectorOfOptions,
  ManualClock,
  refuseForNow,
  refusePermanently,
  taggedRequest,
} from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import { attributeOf, builtIn, STEPS } from './testing/steps.ts';

interface Made {
  host: ConnectorHost;
  readonly contexts: unknown[];
}

/** A stateful connector that a test makes. */
function connector(
  fields: Pick<ConnectorDefinition, 'routes'> & { readonly acknowledges: 'delivered' | 'taken' },
  create: (host: ConnectorHost) => StatefulConnector,
): Definition {
  return defineConnector({
    type: 'made',
    summary: 'Is made by a test.',
    stability: 'development',
    routes: fields.routes,
    config: Type.Object({ sending_queue: Type.Optional(sendingQueue()) }),
    examples: [],
    stateful: { acknowledges: fields.acknowledges, create: (_config, host) => create(host) },
  }) as Definition;
}

const LOGS: readonly { readonly from: Signal; readonly to: Signal }[] = [{ from: 'logs', to: 'logs' }];

/** Passes each batch to the pipelines that `pick` names. */
function picking(pick: (batch: Batch) => readonly string[] | undefined, made: Partial<Made> = {}): Definition {
  return connector({ routes: LOGS, acknowledges: 'delivered' }, (host) => {
    made.host = host;
    return {
      consume(batch) {
        made.contexts?.push(batch.context);
        return host.next([batch], pick(batch));
      },
      shutdown: () => Promise.resolve(),
    };
  });
}

function yaml(settings = '', pipelines: object = {}, service = ''): string {
  const all = {
    'logs/in': { receivers: ['test/in'], exporters: ['made'] },
    'logs/a': { receivers: ['made'], exporters: ['test/a'] },
    'logs/b': { receivers: ['made'], exporters: ['test/b'] },
    ...pipelines,
  };
  return `
receivers: { test/in: , test/in2: }
processors: { batch: { send_batch_size: 2, timeout: 1h }, mark: , stamp_sender: }
connectors: { made: ${settings} }
exporters: { test/a: , test/b: , test/memory: { guarantee: memory } }
service: { ${service} pipelines: ${JSON.stringify(all)} }
`;
}

const run = (text: string, plugin: Definition, options: CollectorOfOptions = {}) =>
  collectorOf(text, { plugins: [plugin, STEPS, builtIn('processor-batch')], ...options });

describe('a connector that passes on', () => {
  test('gives a batch to the pipelines it names, or to all; it is made once, and knows them', async () => {
    const made: Partial<Made> = {};
    const picks = [['logs/a'], ['logs/b'], undefined];
    await using collector = await run(
      yaml('', { logs: { receivers: ['test/in2'], exporters: ['made'] } }),
      picking(() => picks.shift(), made),
      {
        metrics: true,
      },
    );
    await collector.in().push('logs', [1]);
    await collector.in('test/in2').push('logs', [2]);
    await collector.in().push('logs', [3]);
    expect(collector.out('test/a').ids()).toEqual([1, 3]);
    expect(collector.out('test/b').ids()).toEqual([2, 3]);
    expect(made.host).toMatchObject({ id: 'made', from: 'logs', to: 'logs', guarantee: 'safe' });
    expect(made.host?.pipelines).toEqual(['logs/a', 'logs/b']);
    const counted = [...(await collector.metrics())].filter(([name]) => name.startsWith('otelcol_connector_'));
    expect(
      counted.map(([name, value]) => [
        /_(consumed|produced)_/.exec(name)?.[1],
        /pipeline="(.*?)"/.exec(name)?.[1],
        value,
      ]),
    ).toEqual([
      ['consumed', undefined, 3],
      ['produced', 'logs/a', 2],
      ['produced', 'logs/b', 2],
    ]);
  });

  test('hears what each pipeline said; nothing is held afterwards', async () => {
    await using collector = await run(
      yaml(),
      picking(() => undefined),
    );
    collector.out('test/b').script.push(refuseForNow, refusePermanently);
    await expect(collector.in().push('logs', [1])).rejects.toMatchObject({ retryable: true });
    await expect(collector.in().push('logs', [1])).rejects.toMatchObject({ retryable: false });
    expect(collector.out('test/a').ids()).toEqual([1, 1]);
    expect(collector.bytesInFlight).toBe(0);
  });

  test('a pipeline that does not receive from it is an error of its own', async () => {
    await using collector = await run(
      yaml(),
      picking(() => ['logs/in']),
    );
    await expect(collector.in().push('logs', [1])).rejects.toMatchObject({ code: 'PIPELINE_UNKNOWN' });
    expect(collector.bytesInFlight).toBe(0);
  });

  test('who sent the data is known behind it where somebody asks', async () => {
    const made = { contexts: [] as unknown[] };
    const pipelines = { 'logs/a': { receivers: ['made'], processors: ['stamp_sender'], exporters: ['test/a'] } };
    await using collector = await run(
      yaml('', pipelines),
      picking(() => ['logs/a'], made),
    );
    const context = { metadata: { 'x-tenant': ['a'] } };
    await collector.in().push('logs', [1], context);
    expect(made.contexts).toEqual([context]);
    expect(attributeOf(collector.out('test/a').accepted, 'tenant')).toEqual(['a']);
  });

  test('what was acknowledged in front of it comes again until a pipeline takes it', async () => {
    const pipelines = {
      'logs/in': { receivers: ['test/in'], processors: ['batch'], exporters: ['made'] },
      'logs/a': { receivers: ['made'], exporters: ['test/memory'] },
      'logs/b': { receivers: ['made'], exporters: ['test/memory'] },
    };
    const clock = new ManualClock();
    await using collector = await run(
      yaml('', pipelines),
      picking(() => ['logs/a']),
      { clock },
    );
    collector.out('test/memory').script.push(refuseForNow, refuseForNow);
    await collector.in().push('logs', [1, 2]);
    for (let second = 0; second < 3; second++) await clock.advance(1_000);
    expect(collector.out('test/memory').ids()).toEqual([1, 2]);
  });
});

describe('a connector that makes something of its own', () => {
  /** Counts log records and passes the number on, as so many data points, when it is told to or ends. */
  function counting(made: { flush?: () => Promise<void> }): Definition {
    const routes = [{ from: 'logs', to: 'metrics' }] as const;
    return connector({ routes, acknowledges: 'taken' }, (host) => {
      let count = 0;
      const flush = async () => {
        const ids = Array.from({ length: count }, (_, index) => index);
        count = 0;
        if (ids.length > 0) await host.next([host.makeBatch([taggedRequest('metrics', ids)])]);
      };
      made.flush = flush;
      return {
        consume(batch) {
          count += batch.items;
          batch.release();
          return Promise.resolve();
        },
        shutdown: flush,
      };
    });
  }

  const pipelines = {
    'logs/in': { receivers: ['test/in'], exporters: ['made', 'test/b'] },
    'logs/a': undefined,
    'logs/b': undefined,
    metrics: { receivers: ['made'], exporters: ['test/a', 'test/b'] },
  };

  test('is flushed at shutdown, before what is behind it stops', async () => {
    await using collector = await run(yaml('', pipelines), counting({}));
    await collector.in().push('logs', [1, 2, 3]);
    expect(await collector.shutdown()).toMatchObject({ leftItems: 0, openSubmissions: 0 });
    expect(collector.out('test/a').ids('metrics')).toEqual([0, 1, 2]);
    expect(collector.out('test/b').ids('logs')).toEqual([1, 2, 3]);
    expect(collector.bytesInFlight).toBe(0);
  });

  test('only the destination that refused for now is asked again', async () => {
    const made: { flush?: () => Promise<void> } = {};
    const clock = new ManualClock();
    await using collector = await run(yaml('', pipelines), counting(made), { clock });
    await collector.in().push('logs', [1]);
    collector.out('test/a').script.push(refuseForNow, refuseForNow);
    const flushed = made.flush?.();
    await clock.advance(5_000);
    await flushed;
    expect(collector.out('test/a').ids('metrics')).toEqual([0]);
    expect(collector.out('test/b').ids('metrics')).toEqual([0]);
  });

  test('its pipeline says what an acknowledgement means', async () => {
    await using collector = await run(yaml('', pipelines), counting({}));
    const [logs, metrics] = collector.collector.pipelines;
    expect(logs).toMatchObject({ id: 'logs/in', guarantee: 'memory' });
    expect([...logs.weakenedBy]).toEqual([['made', 'memory_connector']]);
    expect(metrics).toMatchObject({ id: 'metrics', guarantee: 'safe' });
  });
});

describe('a queue in front of a connector', () => {
  test('takes batches at once and offers them until a pipeline takes them', async () => {
    const clock = new ManualClock();
    await using collector = await run(
      yaml('{ sending_queue: {} }'),
      picking(() => ['logs/a']),
      { clock },
    );
    const out = collector.out('test/a');
    out.script.push(refuseForNow, refuseForNow);
    await collector.in().push('logs', [1]);
    expect(out.ids()).toEqual([]);
    await clock.advance(20_000);
    expect(out.ids()).toEqual([1]);
    expect([...collector.collector.pipelines[0].weakenedBy]).toEqual([['made', 'connector_queue']]);
    expect(collector.bytesInFlight).toBe(0);
  });

  test('empties at shutdown, and what nobody took is reported', async () => {
    const service = 'shutdown_timeout: 2s,';
    await using collector = await run(
      yaml('{ sending_queue: { num_consumers: 1 } }', {}, service),
      picking(() => ['logs/a']),
    );
    const out = collector.out('test/a');
    out.stall();
    await Promise.all([1, 2].map((id) => collector.in().push('logs', [id])));
    const ending = collector.shutdown();
    out.resume();
    expect(await ending).toMatchObject({ leftItems: 0 });
    expect(out.ids().toSorted((a, b) => a - b)).toEqual([1, 2]);
  });

  test('with wait_for_result, senders wait for the pipeline', async () => {
    await using collector = await run(
      yaml('{ sending_queue: { wait_for_result: true } }'),
      picking(() => ['logs/a']),
    );
    const out = collector.out('test/a');
    out.stall();
    const pushed = collector.in().push('logs', [1]);
    await out.until(({ open }) => open === 1);
    out.resume();
    await pushed;
    expect(out.ids()).toEqual([1]);
    expect(collector.collector.pipelines[0].guarantee).toBe('safe');
  });
});
