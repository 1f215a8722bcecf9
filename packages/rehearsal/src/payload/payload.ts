import type { Signal } from '@millrace/api';
import type { RecordSignal, ShortRecord } from '@millrace/records';

/** Records that become a request when they are sent, or a request. */
export type Payload =
  | { readonly signal: RecordSignal; readonly records: readonly ShortRecord[] }
  | { readonly signal: Signal; readonly request: Uint8Array };
