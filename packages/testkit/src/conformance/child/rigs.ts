import {
  type Definition,
  DeliveryError,
  type ExporterDefinition,
  type Lifecycle,
  messageOf,
  type OpenBatch,
  type ReceiverDefinition,
  type Signal,
  type StatefulComponent,
} from '@millrace/api';
import { LogsBatch, MetricsBatch, ProfilesBatch, TracesBatch } from '@millrace/otlp';
import { FakeConnectorHost } from '../../fake-connector-host.ts';
import { FakeExporterHost } from '../../fake-exporter-host.ts';
import { FakeExtensionHost } from '../../fake-extension-host.ts';
import type { FakeHost } from '../../fake-host.ts';
import { FakeReceiverHost } from '../../fake-receiver-host.ts';
import { FakeStatefulHost } from '../../fake-stateful-host.ts';
import { FakeStepTools } from '../../fake-step-tools.ts';
import { samplesOf } from '../../samples.ts';
import type { ChildCase } from './messages.ts';

/** A component on a fake host, and work for it. */
export interface Rig {
  readonly host: FakeHost;
  readonly lifecycle: Lifecycle;
  /** Begins something that a shutdown interrupts. */
  work(): Promise<void>;
  /** Lets what was begun go on, while the component shuts down. */
  letGo(): void;
  /** How much the component has done so far; must stand still after shutdown. */
  activity(): number;
  /** What is wrong after the shutdown. Called once everything had time to end. */
  faults(): readonly string[];
}

/** A rig for each part of the component that has a life; none for pure ones. */
export function rigsOf(definition: Definition, { config, signals, receiving }: ChildCase): (() => Rig)[] {
  switch (definition.kind) {
    case 'receiver':
      return [() => receiverRig(definition, config, signals)];
    case 'exporter':
      return [() => exporterRig(definition, config, signals)];
    case 'extension': {
      const host = () => new FakeExtensionHost();
      return [() => idle(host(), (each) => definition.create(config, each))];
    }
    case 'processor': {
      const { stateful, gate } = definition;
      if (gate !== undefined) return [() => idle(new FakeExtensionHost(), (host) => gate.create(config, host))];
      if (stateful === undefined) return [];
      return stateful.signals.map(
        (signal) => () =>
          statefulRig(new FakeStatefulHost({ signal, guarantee: 'safe' }), (host) => stateful.create(config, host)),
      );
    }
    case 'connector': {
      const { stateful, routes } = definition;
      if (stateful === undefined) return [];
      return routes
        .filter(({ from }) => signals.includes(from))
        .map(({ from, to }) => () => {
          const pipelines = receiving.filter((id) => id.split('/')[0] === to);
          return statefulRig(new FakeConnectorHost({ from, to, pipelines }), (host) => stateful.create(config, host));
        });
    }
  }
}

function idle<H extends FakeHost>(host: H, create: (host: H) => Lifecycle): Rig {
  const nothing = () => undefined;
  const lifecycle = create(host);
  return { host, lifecycle, work: () => Promise.resolve(), letGo: nothing, activity: () => 0, faults: () => [] };
}

function receiverRig(definition: ReceiverDefinition, config: unknown, signals: readonly Signal[]): Rig {
  const host = new FakeReceiverHost(signals);
  const held = Promise.withResolvers<void>();
  let holding = false;
  host.answer = async () => {
    if (holding) await held.promise;
    return { items: 1 };
  };
  const lifecycle = definition.create(config, host);
  return {
    host,
    lifecycle,
    async work() {
      holding = true;
      await host.manualClock.advance(1_000);
    },
    letGo: () => held.resolve(),
    activity: () => host.consumed.length,
    faults: () => ledgerFaults(host),
  };
}

function statefulRig<H extends FakeStatefulHost | FakeConnectorHost>(
  host: H,
  create: (host: H) => StatefulComponent,
): Rig {
  const component = create(host);
  let asked = 0;
  let answered = 0;
  return {
    host,
    lifecycle: component,
    work() {
      for (const id of [1, 2, 3]) {
        asked++;
        component.consume(host.batch([id])).then(
          () => answered++,
          () => answered++,
        );
      }
      return Promise.resolve();
    },
    letGo: () => undefined,
    activity: () => (host instanceof FakeStatefulHost ? host.passed : host.produced).length,
    faults() {
      const waiting = asked - answered;
      return [...(waiting === 0 ? [] : [`${waiting} of ${asked} senders were never answered`]), ...ledgerFaults(host)];
    },
  };
}

function exporterRig(definition: ExporterDefinition, config: unknown, signals: readonly Signal[]): Rig {
  const host = new FakeExporterHost(definition.jobs);
  const sink = definition.create(config, host);
  const abort = new AbortController();
  const faults: string[] = [];
  let open = 0;
  return {
    host,
    lifecycle: sink,
    work() {
      for (const signal of signals) {
        const [sample] = samplesOf(signal);
        if (sample === undefined) continue;
        const encoder = definition.encoder?.(config, new FakeStepTools());
        const bytes = encoder?.encode(openBatch(signal, sample.bytes)) ?? sample.bytes;
        open++;
        sink
          .send({ signal, bytes, items: sample.ids.length, context: undefined, abort: abort.signal })
          .catch((error: unknown) => {
            if (error instanceof DeliveryError || abort.signal.aborted) return;
            faults.push(`send() rejected with something other than a DeliveryError: ${messageOf(error)}`);
          })
          .finally(() => open--);
      }
      return Promise.resolve();
    },
    letGo: () => abort.abort(),
    activity: () => 0,
    faults: () => [...faults, ...(open === 0 ? [] : [`${open} calls of send() never settled`]), ...ledgerFaults(host)],
  };
}

/** A batch over one request. */
export function openBatch(signal: Signal, bytes: Uint8Array): OpenBatch {
  const makers = { logs: LogsBatch, traces: TracesBatch, metrics: MetricsBatch, profiles: ProfilesBatch };
  return makers[signal].of([bytes]);
}

function ledgerFaults({ ledger }: FakeHost): readonly string[] {
  return [...ledger.faults, ...ledger.leaks.map((leak) => `not given back: ${leak}`)];
}
