import type { RecordContent } from './record-body.ts';
import type { Place } from './segment.ts';

/** A record on its way into the log. */
export interface LogRecord extends RecordContent {
  /** Undefined: gets the next one. A copy that compaction makes keeps its own. */
  readonly sequence: number | undefined;
  /** May use the room that is kept in reserve, because it helps to free other room. */
  readonly privileged: boolean;
  /** It is durable and where it is. Called in the order of appending, before anybody learns of it. */
  onDurable(place: Place, sequence: number): void;
  onRefused(error: Error): void;
}
