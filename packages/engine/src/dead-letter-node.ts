import type { Clock, Lifecycle, Logger } from '@millrace/api';
import { DeadLetterDirectory } from '@millrace/delivery';
import type { DeadLetterPlace } from './dead-letter-plan.ts';
import type { Machine } from './machine.ts';
import type { SelfTelemetry } from './telemetry/self-telemetry.ts';

/** Telemetry is nobody else's business. */
const DIRECTORY_MODE = 0o700;

/** A dead letter directory of a collector, with its metrics. */
export class DeadLetterNode implements Lifecycle {
  readonly files: DeadLetterDirectory;
  readonly #place: DeadLetterPlace;
  readonly #telemetry: SelfTelemetry;
  #stopObserving = () => {};

  constructor(
    place: DeadLetterPlace,
    around: {
      readonly clock: Clock;
      readonly logger: Logger;
      readonly telemetry: SelfTelemetry;
      readonly machine: Machine;
    },
  ) {
    const { clock, logger, telemetry, machine } = around;
    const { directory } = place;
    this.#place = place;
    this.#telemetry = telemetry;
    const dropped = telemetry.own.counter('dead_letter_dropped_items', {
      description: 'Items whose file was deleted because the dead letter was full',
      unit: '{item}',
    });
    this.files = new DeadLetterDirectory({
      ...place,
      files: machine.files({ directoryMode: DIRECTORY_MODE }),
      processes: machine.processes(),
      clock,
      logger,
      randomBytes: machine.randomBytes,
      onDropped: (items) => dropped.add(items, { directory }),
    });
  }

  async start(): Promise<void> {
    await this.files.open();
    const { directory, bytesMax } = this.#place;
    const labels = { directory };
    const gauge = (name: string, description: string, observe: () => number) =>
      this.#telemetry.own.gauge(`dead_letter_${name}`, { description, unit: 'By', labels }, observe);
    const stops = [
      gauge('bytes', 'Room that a dead letter directory takes on disk', () => this.files.bytes),
      gauge('bytes_max', 'Bound of dead_letter_bytes', () => bytesMax),
    ];
    this.#stopObserving = () => {
      for (const stop of stops) stop();
    };
  }

  async shutdown(): Promise<void> {
    this.#stopObserving();
    await this.files.close();
  }
}
