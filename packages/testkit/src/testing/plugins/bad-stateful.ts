import {
  type Batch,
  defineProcessor,
  type Signal,
  type StatefulHost,
  type StatefulProcessor,
  Type,
} from '@millrace/api';

/** A stateful processor that passes on at once; each fault changes one thing about it. */
export class PassOn implements StatefulProcessor {
  protected readonly host: StatefulHost;

  constructor(host: StatefulHost) {
    this.host = host;
  }

  consume(batch: Batch): Promise<void> {
    return this.host.next([batch]);
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const SIGNALS: readonly Signal[] = ['logs'];

/** A definition of a stateful processor that is right in all but what `create` makes. */
export function stateful(type: string, create: (host: StatefulHost) => StatefulProcessor) {
  return defineProcessor({
    type,
    summary: 'Passes batches on in a way of its own.',
    stability: 'development',
    config: Type.Object({}),
    examples: [{ title: 'Defaults', yaml: `${type}:` }],
    stateful: { signals: SIGNALS, create: (_config, host) => create(host) },
  });
}
