import type { ClientContext, Logger, StepTools } from '@millrace/api';
import { RecordingLogger } from './recording-logger.ts';

/** What a pure step is given; counts are kept, and so is whether the step asked for the sender. */
export class FakeStepTools implements StepTools {
  readonly id: string;
  readonly recordedLog = new RecordingLogger();
  readonly counts = new Map<string, number>();
  contextReads = 0;
  sender: ClientContext | undefined;

  constructor(id = 'under/test') {
    this.id = id;
  }

  get logger(): Logger {
    return this.recordedLog;
  }

  get context(): ClientContext | undefined {
    this.contextReads++;
    return this.sender;
  }

  readonly count = (name: string, value: number): void => {
    this.counts.set(name, (this.counts.get(name) ?? 0) + value);
  };

  readonly nowUnixNano = (): bigint => 1_700_000_000_000_000_000n;
}
