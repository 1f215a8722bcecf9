import { type Batch, type ConnectorHost, defineConnector, Type } from '@millrace/api';

/** A stateful connector that is right in all but how it consumes. */
function connector(type: string, consume: (batch: Batch, host: ConnectorHost) => Promise<void>) {
  return defineConnector({
    type,
    summary: 'Passes batches on in a way of its own.',
    stability: 'development',
    routes: [{ from: 'logs', to: 'logs' }],
    config: Type.Object({}),
    examples: [{ title: 'Defaults', yaml: `${type}:` }],
    stateful: {
      acknowledges: 'delivered',
      create: (_config, host) => ({
        consume: (batch) => consume(batch, host),
        shutdown: () => Promise.resolve(),
      }),
    },
  });
}

const swallow = () => undefined;

export default [
  connector('relays', (batch, host) => host.next([batch])),
  connector('hides_refusals', (batch, host) => host.next([batch]).catch(swallow)),
  connector('offers_twice', async (batch, host) => {
    await host.next([batch.share()]);
    await host.next([batch]);
  }),
  connector('keeps_its_batches', (batch, host) => host.next([batch.share()])),
  connector('drops_all', (batch) => {
    batch.release();
    return Promise.resolve();
  }),
];
