import type { ComponentStatus } from '@millrace/api';

type SinkState = 'ok' | 'recoverable_error' | 'permanent_error';

const RANK: Readonly<Record<SinkState, number>> = { ok: 0, recoverable_error: 1, permanent_error: 2 };

/** The status of a component with several independent parts: that of the worst part. */
export class JointStatus {
  readonly #report: (status: ComponentStatus, message?: string) => void;
  readonly #parts = new Map<string, { readonly state: SinkState; readonly message: string | undefined }>();

  constructor(report: (status: ComponentStatus, message?: string) => void) {
    this.#report = report;
  }

  set(part: string, state: SinkState, message?: string): void {
    this.#parts.set(part, { state, message });
    let worst: { readonly state: SinkState; readonly message: string | undefined } = {
      state: 'ok',
      message: undefined,
    };
    for (const each of this.#parts.values()) if (RANK[each.state] > RANK[worst.state]) worst = each;
    this.#report(worst.state, worst.message);
  }
}
