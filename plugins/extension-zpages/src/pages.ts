import type { ComponentReport, ExtensionHost } from '@millrace/api';
import { page, table } from './html.ts';

type Shown = Pick<ExtensionHost, 'collector' | 'version' | 'clock'>;

/** The collector as a whole, with the way to the other pages. */
export function servicePage({ collector, version, clock }: Shown): string {
  const facts = [
    ['Version', version],
    ['Node.js', process.version],
    ['State', collector.ready ? 'ready' : 'not ready'],
    ['Started', new Date(collector.startedAtMs).toISOString()],
    ['Uptime', `${((clock.now() - collector.startedAtMs) / 1_000).toFixed(0)} s`],
  ];
  const links = ['pipelinez', 'extensionz', 'featurez', 'tracez'];
  return page(
    'Service',
    `${table(['Property', 'Value'], facts)}
<ul>${links.map((name) => `<li><a href="${name}">${name}</a></li>`).join('')}</ul>`,
  );
}

/** What each pipeline consists of, and how every component is. */
export function pipelinesPage({ collector }: Shown): string {
  const rows = collector
    .pipelines()
    .map(({ id, signal, receivers, processors, exporters }) => [
      id,
      signal,
      ...[receivers, processors, exporters].map((ids) => ids.join(', ')),
    ]);
  const components = collector.components().filter(({ kind }) => kind !== 'extension');
  return page(
    'Pipelines',
    `${table(['Pipeline', 'Input', 'Receivers', 'Processors', 'Exporters'], rows)}
<h2>Components</h2>
${states(components)}`,
  );
}

export function extensionsPage({ collector }: Shown): string {
  return page('Extensions', states(collector.components().filter(({ kind }) => kind === 'extension')));
}

/** The Collector lists its feature gates here. */
export function featuresPage(): string {
  return page('Features', '<p>There are no feature gates.</p>');
}

/** The Collector sorts spans of its own components here by how long they took. */
export function tracesPage(): string {
  return page(
    'Traces',
    `<p>No spans are recorded of the collector's own work; see its metrics.</p>\n${table(BUCKETS, [])}`,
  );
}

const BUCKETS = [
  'Span name',
  'Running',
  '>0s',
  '>10µs',
  '>100µs',
  '>1ms',
  '>10ms',
  '>100ms',
  '>1s',
  '>10s',
  '>1m40s',
  'Errors',
];

function states(components: readonly ComponentReport[]): string {
  const rows = components.map(({ kind, id, status, message, sinceMs }) => [
    kind,
    id,
    status,
    new Date(sinceMs).toISOString(),
    message ?? '',
  ]);
  return table(['Kind', 'Component', 'State', 'Since', 'Message'], rows);
}
