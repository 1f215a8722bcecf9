import type { Announcement } from '@millrace/api';
import type { Collector } from '@millrace/engine';
import { guaranteeText, pipelineLines } from './graph-picture.ts';
import type { Paint } from './paint.ts';

/** What a person wants to know when the collector is up: the flow, where it listens, where data goes, what to try. */
export function startupSummary(collector: Collector, version: string, paint: Paint): string {
  const { pipelines, metricsAddress } = collector;
  const announcements = inOrder(collector.announcements);
  const { threads } = collector.config.service.workers;
  const places = placesOf(announcements);
  if (metricsAddress !== undefined) places.push(['metrics', metricsAddress]);
  const workers = threads === 0 ? 'no worker threads' : `${threads} worker thread${threads === 1 ? '' : 's'}`;
  const sections = [
    `${paint.bold('millrace')} ${version}  ${paint.dim(`Node ${process.versions.node}, ${workers}`)}`,
    indent(pipelineLines(pipelines, paint)),
    indent(guaranteeLines(collector, paint)),
    indent(columns(places, paint)),
    indent(columns(thingsToTry(collector), paint)),
  ];
  return `\n${sections.filter((section) => section !== '').join('\n\n')}\n\n`;
}

function guaranteeLines(collector: Collector, paint: Paint): string[] {
  const texts = new Map<string, string[]>();
  for (const pipeline of collector.pipelines) {
    const text = guaranteeText(pipeline);
    texts.set(text, [...(texts.get(text) ?? []), pipeline.id]);
  }
  return [...texts].map(([text, ids]) => paint.dim(`${ids.join(', ')}: ${text}`));
}

/** Components start side by side: what they say comes in any order. */
function inOrder(announcements: readonly Announcement[]): readonly Announcement[] {
  return announcements.toSorted((a, b) => a.id.localeCompare(b.id));
}

const LABELS: Readonly<Record<Announcement['what'], string>> = {
  listens: 'listens on',
  reads: 'reads',
  writes: 'writes',
  sends: 'sends to',
};

function placesOf(announcements: readonly Announcement[]): [string, string][] {
  return announcements.map(({ id, what, place }) => [`${id} ${LABELS[what]}`, place]);
}

function thingsToTry(collector: Collector): [string, string][] {
  const { metricsAddress: metrics } = collector;
  const announcements = inOrder(collector.announcements);
  const tries: [string, string][] = [];
  const http = announcements.find(({ what, place }) => what === 'listens' && place.endsWith(':4318'));
  if (http !== undefined) {
    const record = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hello"}}]}]}]}';
    tries.push(['send a log', `curl -H 'content-type: application/json' -d '${record}' ${http.place}/v1/logs`]);
  }
  const sealed = announcements.find(({ what, place }) => what === 'writes' && place.endsWith('.age'));
  if (sealed !== undefined) {
    const identity = identityFor(collector, sealed.id);
    tries.push(['read a file', `npm run --silent millrace -- cat ${sealed.place} --identity ${identity}`]);
  }
  if (metrics !== undefined) tries.push(['see its metrics', `curl -s ${metrics} | grep otelcol_`]);
  return tries;
}

/** Where the key of an encrypted file is likely to be: `millrace keygen` puts the recipient beside it. */
function identityFor(collector: Collector, exporter: string): string {
  const config = collector.config.exporters.get(exporter)?.config as { encryption?: { recipients_file?: string } };
  const recipients = config.encryption?.recipients_file ?? '';
  return recipients.endsWith('.pub') ? recipients.slice(0, -'.pub'.length) : 'KEYFILE';
}

function columns(rows: readonly (readonly [string, string])[], paint: Paint): string[] {
  const width = Math.max(0, ...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${paint.dim(label.padEnd(width))}  ${value}`);
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}
