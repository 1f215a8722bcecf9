import type { CollectorView, ComponentReport, ExtensionHost, PipelineReport } from '@millrace/api';
import { FakeHost, type FakeHostSettings } from './fake-host.ts';

/** A collector as extensions see it, whose state a test sets. */
export class FakeCollectorView implements CollectorView {
  ready = true;
  startedAtMs = 1_700_000_000_000;
  reports: readonly ComponentReport[] = [];

  pipelineReports: readonly PipelineReport[] = [];

  components(): readonly ComponentReport[] {
    return this.reports;
  }

  pipelines(): readonly PipelineReport[] {
    return this.pipelineReports;
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
