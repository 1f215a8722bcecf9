import type { CollectorView, ComponentReport, ExtensionHost } from '@millrace/api';
import { FakeHost, type FakeHostSettings } from './fake-host.ts';

/** A collector as extensions see it, whose state a test sets. */
export class FakeCollectorView implements CollectorView {
  ready = true;
  startedAtMs = 1_700_000_000_000;
  reports: readonly ComponentReport[] = [];

  components(): readonly ComponentReport[] {
    return this.reports;
  }
}

/** An extension's host. */
export class FakeExtensionHost extends FakeHost implements ExtensionHost {
  readonly collector: FakeCollectorView;

  constructor(collector = new FakeCollectorView(), settings: FakeHostSettings = {}) {
    super(settings);
    this.collector = collector;
  }
}
