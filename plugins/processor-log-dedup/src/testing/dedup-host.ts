import type { Batch, ClientContext } from '@millrace/api';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { FakeStatefulHost } from '@millrace/testkit';

/** What everybody after the processor has taken, in one call. */
export interface Taken {
  readonly resourceLogs: readonly {
    readonly resource: object;
    readonly scopeLogs: readonly { readonly scope: object; readonly logRecords: readonly object[] }[];
  }[];
}

/** A fake host that keeps what it was given to pass on. */
export class DedupHost extends FakeStatefulHost {
  readonly requests: Taken[] = [];
  readonly senders: (ClientContext | undefined)[] = [];

  constructor(guarantee: 'memory' | 'safe') {
    super({ signal: 'logs', guarantee }, { id: 'log_dedup' });
    const { next } = this;
    Object.assign(this, {
      next: async (batches: readonly Batch[]) => {
        const taken = batches.flatMap(({ chunks, context }) =>
          chunks.map((chunk) => ({ context, json: Buffer.from(protoToJson('logs', chunk)).toString() })),
        );
        await next(batches);
        for (const { json, context } of taken) {
          this.requests.push(JSON.parse(json) as Taken);
          this.senders.push(context);
        }
      },
    });
  }

  /** A batch of log records of one resource, as OTLP/JSON. */
  batchFrom(logRecords: readonly object[], context?: ClientContext, resource: object = {}): Batch {
    const request = { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] };
    return this.batchOf([jsonToProto('logs', JSON.stringify(request))], context);
  }

  /** The records that were taken by now; forgets them. */
  take(): readonly object[] {
    return this.requests
      .splice(0)
      .flatMap(({ resourceLogs }) =>
        resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap((each) => each.logRecords)),
      );
  }
}
