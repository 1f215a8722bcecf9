import type { Intake } from '../intake.ts';

/** Keeps what it is given, and answers as a test says. */
export class FakeIntake implements Intake {
  readonly requests: Uint8Array[] = [];
  /** By default everything is taken at once. */
  answer: () => Promise<unknown> = () => Promise.resolve();

  traces = (request: Uint8Array): Promise<unknown> => this.#take(request);
  logs = (request: Uint8Array): Promise<unknown> => this.#take(request);
  metrics = (request: Uint8Array): Promise<unknown> => this.#take(request);

  #take(request: Uint8Array): Promise<unknown> {
    this.requests.push(request);
    return this.answer();
  }
}
