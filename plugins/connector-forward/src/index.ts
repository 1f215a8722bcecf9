import { type ConnectorOutput, defineConnector, type OpenBatch, SIGNALS, Type } from '@millrace/api';

const forward = (batch: OpenBatch, out: ConnectorOutput): void => out.emit(batch);

/** Passes what arrives to the pipelines that name it as a receiver, to merge or to fork pipelines of one signal. */
export default defineConnector({
  type: 'forward',
  summary: 'Passes data from some pipelines to others of the same signal.',
  stability: 'beta',
  routes: SIGNALS.map((signal) => ({ from: signal, to: signal })),
  config: Type.Object({}),
  examples: [{ title: 'No settings', yaml: 'forward:' }],
  create: () => ({ logs: forward, traces: forward, metrics: forward, profiles: forward }),
});
