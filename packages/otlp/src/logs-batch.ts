import { Container } from './container.ts';
import { currentItemRequest } from './envelope.ts';
import { LogRecordView } from './log-record-view.ts';
import { LOG_RECORD, REQUEST, RESOURCE_ITEMS, SCOPE_ITEMS } from './message-shape.ts';
import { ResourceView } from './resource-view.ts';
import { ScopeView } from './scope-view.ts';
import { TelemetryBatch, type BatchOptions } from './telemetry-batch.ts';
import { ViewIterator } from './view-iterator.ts';
import { WireMessage } from './wire-message.ts';

export type LogsResourceView = ResourceView<LogsScopeView>;

/** A scope of a batch of logs. */
export class LogsScopeView extends ScopeView<LogsResourceView> {
  get records(): IterableIterator<LogRecordView> {
    this.container.restart();
    return new ViewIterator<LogRecordView>(this.container, null);
  }

  /** A new record behind the others. Fill it before the next is added and before the loop goes on to another scope. */
  addRecord(): LogRecordView {
    const message = new WireMessage(LOG_RECORD);
    this.container.add(message, 2);
    return new LogRecordView(message, this);
  }

  /** @internal */
  cloneRecord(): LogRecordView {
    const [record] = LogsBatch.of([currentItemRequest(this.container)]).records;
    return record;
  }
}

/** Log records on the wire. */
export class LogsBatch extends TelemetryBatch {
  readonly signal = 'logs';
  private tree: LogsResourceView | null = null;
  private scopes: Container | null = null;

  static of(chunks: Iterable<Uint8Array>, options: BatchOptions = {}): LogsBatch {
    return new LogsBatch(chunks, options);
  }

  get resources(): IterableIterator<LogsResourceView> {
    this.ensureTree();
    return this.iterate(this.tree!.container.parent!);
  }

  /** All records of all resources and scopes; `record.resource` and `record.scope` say where each is. */
  get records(): IterableIterator<LogRecordView> {
    this.ensureTree();
    return this.iterate(this.scopes!);
  }

  protected override withChunks(chunks: Iterable<Uint8Array>): this {
    return new LogsBatch(chunks, { allocate: this.allocate }) as this;
  }

  private ensureTree(): void {
    if (this.tree !== null) return;
    const splicer = this.makeSplicer();
    const root = new Container(null, REQUEST, [1], splicer);
    const resource = new ResourceView<LogsScopeView>(new Container(root, RESOURCE_ITEMS, [2], splicer));
    const scopes = new Container(resource.container, SCOPE_ITEMS, [2], splicer);
    scopes.leaf = new WireMessage(LOG_RECORD);
    const scope = new LogsScopeView(scopes, resource);
    scopes.leaf.view = new LogRecordView(scopes.leaf, scope);
    this.useRoot(root);
    this.scopes = scopes;
    this.tree = resource;
  }
}
