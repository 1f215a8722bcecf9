import { defineReceiver, type Static, Type } from '@millrace/api';
import { DemoDecoder } from './demo-decoder.ts';
import { DemoSource } from './demo-source.ts';

const config = Type.Object({
  items_per_second: Type.Number({
    default: 100,
    exclusiveMinimum: 0,
    maximum: 100_000,
    description: 'Log records, spans and data points made each second, all together.',
  }),
  seed: Type.Integer({
    default: 1,
    description: 'Start of the random numbers; the same seed tells the same story.',
  }),
});

/** Decoded settings of the receiver. */
export type DemoConfig = Static<typeof config>;

/** Makes logs, traces and metrics of a web shop with an LLM agent, to try pipelines with. */
export default defineReceiver({
  type: 'demo',
  summary: 'Makes believable telemetry of a web shop with an LLM agent, to try pipelines with.',
  stability: 'beta',
  signals: ['logs', 'traces', 'metrics'],
  config,
  examples: [
    { title: 'A hundred items a second', yaml: 'demo:' },
    { title: 'A busier shop', yaml: 'demo/busy: { items_per_second: 5000, seed: 7 }' },
  ],
  create: (settings, host) => new DemoSource(settings, host),
  decoder: () => new DemoDecoder(),
});
