import { NewScope, RequestBuilder } from './builder.ts';
import { LogRecordView } from './log-record-view.ts';
import { LogsBatch } from './logs-batch.ts';
import { LOG_RECORD } from './message-shape.ts';
import type { BatchOptions } from './telemetry-batch.ts';
import { WireMessage } from './wire-message.ts';

/** A scope of logs in the making. */
export class NewLogsScope extends NewScope {
  /** A new record, to be filled until the next is added to this scope. */
  addRecord(): LogRecordView {
    return this.begin(new LogRecordView(new WireMessage(LOG_RECORD), null));
  }

  /** Adds a copy of a record, edits included; untouched, its bytes are copied as they are. To move it, drop it afterwards. */
  copyRecord(record: LogRecordView): void {
    this.copy(record);
  }
}

/** Makes a batch of logs. */
export class LogsBuilder extends RequestBuilder<NewLogsScope> {
  constructor() {
    super(() => new NewLogsScope());
  }

  build(options: BatchOptions = {}): LogsBatch {
    return LogsBatch.of([this.toBytes(options.allocate)], options);
  }
}
