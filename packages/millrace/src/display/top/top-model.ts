import { type ComponentStatus, ITEM_NAMES, type Kind, type Labels, type Signal } from '@millrace/api';
import type { ControlPipeline, ControlStatus } from '../../control/control-status.ts';

/** One component where it stands in one pipeline. Rates are items per second; undefined: not known of this kind. */
export interface TopRow {
  readonly pipeline: string;
  readonly kind: Kind;
  readonly id: string;
  readonly inPerSecond: number | undefined;
  readonly outPerSecond: number | undefined;
  readonly errorsPerSecond: number;
  /** Items that failed or were refused, since the start. */
  readonly errors: number;
  readonly queue: { readonly size: number; readonly capacity: number } | undefined;
  /** Mean of one attempt to send. */
  readonly latencyMs: number | undefined;
  /** Share of one core, 0 to 1, of its pure half in all pipelines; what I/O costs is not in it. */
  readonly cpu: number;
  readonly status: ComponentStatus | undefined;
  readonly message: string | undefined;
}

/** What happened between two readings of a collector. */
export interface TopModel {
  readonly version: string;
  readonly pid: number;
  readonly uptimeMs: number;
  readonly ready: boolean;
  readonly lastReload: ControlStatus['lastReload'];
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  readonly errorsPerSecond: number;
  /** Shares of one core, all threads. */
  readonly cpu: number;
  readonly rssBytes: number;
  readonly bytesInFlight: number;
  readonly bytesInFlightMax: number;
  readonly threads: number;
  /** Share of the time of all workers (or of the main thread, where there are none) that went into steps, 0 to 1. */
  readonly poolUse: number;
  /** Mean time that one worker task took. */
  readonly taskMs: number | undefined;
  readonly waiting: number;
  readonly workersLost: number;
  /** In the order of the configuration, receivers first. */
  readonly rows: readonly TopRow[];
}

/** Puts two readings together. */
export function topModel(before: ControlStatus, now: ControlStatus): TopModel {
  const view = new Interval(before, now);
  const rows = now.pipelines.flatMap((pipeline) => rowsOf(pipeline, view));
  const total = (prefix: string) => view.perSecond((name) => name.startsWith(prefix), {});
  const tasks = view.mean('millrace_grind_duration', {});
  const { version, pid, uptimeMs, ready, lastReload, rssBytes, bytesInFlight, bytesInFlightMax, workers } = now;
  const seconds = view.seconds;
  return {
    version,
    pid,
    uptimeMs,
    ready,
    lastReload,
    rssBytes,
    bytesInFlight,
    bytesInFlightMax,
    inPerSecond: total('otelcol_receiver_accepted_'),
    outPerSecond: total('otelcol_exporter_sent_'),
    errorsPerSecond:
      total('otelcol_receiver_refused_') +
      total('otelcol_exporter_send_failed_') +
      total('otelcol_exporter_enqueue_failed_'),
    cpu: (now.cpuMs - before.cpuMs) / 1_000 / seconds,
    threads: workers.threads,
    poolUse:
      view.delta((name) => name === 'millrace_grind_duration', {}) / 1_000 / seconds / Math.max(1, workers.threads),
    taskMs: tasks,
    waiting: workers.waiting,
    workersLost: workers.lost,
    rows,
  };
}

function rowsOf({ id: pipeline, signal, receivers, processors, exporters }: ControlPipeline, view: Interval): TopRow[] {
  const rowOf = (kind: Kind, id: string, flow: Flow): TopRow => ({
    pipeline,
    kind: view.kindOf(kind, id),
    id,
    inPerSecond: undefined,
    outPerSecond: undefined,
    queue: undefined,
    latencyMs: undefined,
    ...flow,
    cpu: view.cpu(view.kindOf(kind, id), id),
    ...view.statusOf(view.kindOf(kind, id), id),
  });
  const items = ITEM_NAMES[signal];
  return [
    ...receivers.map((id) => rowOf('receiver', id, receiverFlow(id, { items, pipeline, signal }, view))),
    ...processors.map((id) => rowOf('processor', id, processorFlow(id, { pipeline, signal }, view))),
    ...exporters.map((id) => rowOf('exporter', id, exporterFlow(id, { items, signal }, view))),
  ];
}

type Flow = Pick<TopRow, 'errors' | 'errorsPerSecond'> & Partial<TopRow>;

function receiverFlow(id: string, at: { items: string; pipeline: string; signal: Signal }, view: Interval): Flow {
  if (view.isConnector(id)) {
    const labels = { connector: id, pipeline: at.pipeline };
    return { ...NO_ERRORS, outPerSecond: view.known('otelcol_connector_produced_items', labels) };
  }
  const labels = { receiver: id };
  const refused = [`otelcol_receiver_refused_${at.items}`, 'otelcol_receiver_refused_requests'];
  return {
    outPerSecond: view.perSecond(`otelcol_receiver_accepted_${at.items}`, labels),
    ...view.errors(refused, labels),
  };
}

function processorFlow(id: string, at: { pipeline: string; signal: Signal }, view: Interval): Flow {
  // What gates let through is counted before it is in a pipeline.
  const labels = { processor: id, otel_signal: at.signal };
  const inPipeline = { ...labels, pipeline: at.pipeline };
  const name = 'otelcol_processor_incoming_items';
  const place = view.has(name, inPipeline) || !view.has(name, { ...labels, pipeline: undefined }) ? inPipeline : labels;
  return {
    inPerSecond: view.perSecond(name, place),
    outPerSecond: view.perSecond('otelcol_processor_outgoing_items', place),
    ...view.errors(['otelcol_processor_refused_requests'], { processor: id }),
  };
}

function exporterFlow(id: string, at: { items: string; signal: Signal }, view: Interval): Flow {
  if (view.isConnector(id)) {
    const labels = { connector: id, otel_signal: at.signal };
    const consumed = view.known('otelcol_connector_consumed_items', labels) ?? view.itemsOf('connector', id);
    return { ...NO_ERRORS, ...(consumed === undefined ? {} : { inPerSecond: consumed }) };
  }
  const labels = { exporter: id };
  const capacity = view.now('otelcol_exporter_queue_capacity', { ...labels, data_type: at.signal });
  const size = view.now('otelcol_exporter_queue_size', { ...labels, data_type: at.signal });
  const failed = [`otelcol_exporter_send_failed_${at.items}`, `otelcol_exporter_enqueue_failed_${at.items}`];
  const latencyMs = view.mean('otelcol_exporter_send_duration', labels);
  return {
    outPerSecond: view.perSecond(`otelcol_exporter_sent_${at.items}`, labels),
    ...view.errors(failed, labels),
    ...(capacity === undefined || size === undefined ? {} : { queue: { size, capacity } }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
  };
}

const NO_ERRORS = { errors: 0, errorsPerSecond: 0 };

/** Undefined: the label must not be there. */
type Wanted = Readonly<Record<string, string | undefined>>;

/** What was counted between two readings. */
class Interval {
  readonly seconds: number;
  readonly #before: ControlStatus;
  readonly #now: ControlStatus;

  constructor(before: ControlStatus, now: ControlStatus) {
    this.#before = before;
    this.#now = now;
    this.seconds = Math.max(0.001, (now.uptimeMs - before.uptimeMs) / 1_000);
  }

  /** A connector stands among receivers and exporters. */
  isConnector(id: string): boolean {
    const { pipelines } = this.#now;
    const receives = pipelines.some(({ receivers }) => receivers.includes(id));
    const exports = pipelines.some(({ exporters }) => exporters.includes(id));
    const isOther = this.#now.components.some((each) => {
      return each.id === id && (each.kind === 'receiver' || each.kind === 'exporter');
    });
    return receives && exports && !isOther;
  }

  kindOf(kind: Kind, id: string): Kind {
    return kind !== 'processor' && this.isConnector(id) ? 'connector' : kind;
  }

  statusOf(kind: Kind, id: string): Pick<TopRow, 'status' | 'message'> {
    const found = this.#now.components.find((each) => each.kind === kind && each.id === id);
    return { status: found?.status, message: found?.message };
  }

  cpu(kind: Kind, id: string): number {
    return this.#cost(kind, id, ({ busyMs }) => busyMs) / 1_000 / this.seconds;
  }

  /** Items per second that the pure half was given; undefined where there is none. */
  itemsOf(kind: Kind, id: string): number | undefined {
    const isThere = this.#now.costs.some((each) => each.kind === kind && each.id === id);
    return isThere ? this.#cost(kind, id, ({ items }) => items) / this.seconds : undefined;
  }

  #cost(kind: Kind, id: string, valueOf: (cost: ControlStatus['costs'][number]) => number): number {
    const [was, is] = [this.#before, this.#now].map(({ costs }) =>
      costs.filter((each) => each.kind === kind && each.id === id).reduce((sum, each) => sum + valueOf(each), 0),
    );
    return Math.max(0, is - was);
  }

  has(name: string, labels: Wanted): boolean {
    return this.#now.series.some((each) => each.name === name && fits(each.labels, labels));
  }

  /** Value at this moment; undefined where there is none. */
  now(name: string, labels: Wanted): number | undefined {
    return this.has(name, labels) ? sum(this.#now, (each) => each === name, labels) : undefined;
  }

  delta(wants: (name: string) => boolean, labels: Wanted): number {
    return Math.max(0, sum(this.#now, wants, labels) - sum(this.#before, wants, labels));
  }

  perSecond(name: string | ((name: string) => boolean), labels: Wanted): number {
    return this.delta(typeof name === 'string' ? (each) => each === name : name, labels) / this.seconds;
  }

  known(name: string, labels: Wanted): number | undefined {
    return this.has(name, labels) ? this.perSecond(name, labels) : undefined;
  }

  errors(names: readonly string[], labels: Wanted): Pick<TopRow, 'errors' | 'errorsPerSecond'> {
    const wants = (name: string) => names.includes(name);
    return { errors: sum(this.#now, wants, labels), errorsPerSecond: this.perSecond(wants, labels) };
  }

  /** Mean of what a histogram recorded; undefined where nothing was. */
  mean(name: string, labels: Wanted): number | undefined {
    const wants = (each: string) => each === name;
    const count = counted(this.#now, wants, labels) - counted(this.#before, wants, labels);
    return count > 0 ? this.delta(wants, labels) / count : undefined;
  }
}

function sum({ series }: ControlStatus, wants: (name: string) => boolean, labels: Wanted): number {
  return series.reduce((all, each) => (wants(each.name) && fits(each.labels, labels) ? all + each.value : all), 0);
}

function counted({ series }: ControlStatus, wants: (name: string) => boolean, labels: Wanted): number {
  return series.reduce(
    (all, each) => (wants(each.name) && fits(each.labels, labels) ? all + (each.count ?? 0) : all),
    0,
  );
}

function fits(labels: Labels, wanted: Wanted): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
