import path from 'node:path';
import type { LoadSignal } from '@millrace/load';

/**
 * `nop` takes telemetry and drops it: what the intake costs; the others forward it as it is, edit two attributes first,
 * or write it to a file, compressed (LZ4) and encrypted (age).
 */
export const JOBS = ['nop', 'forward', 'attributes', 'sealed'] as const;
export type Job = (typeof JOBS)[number];

export interface PipelineSettings {
  readonly job: Job;
  readonly signal: LoadSignal;
  /** Of the pool; 0: inline. */
  readonly threads: number;
  readonly port: number;
  /** URL of the sink. */
  readonly sink: string;
  /** Where a sealed file goes. */
  readonly folder: string;
  /** Whom it is for. */
  readonly recipient: string;
}

export function sealedFile(folder: string): string {
  return path.join(folder, 'sealed.lz4.age');
}

/** The configuration of a job. */
export function pipelineOf({ job, signal, threads, port, sink, folder, recipient }: PipelineSettings): string {
  const exporters: Readonly<Record<Job, string>> = {
    nop: 'nop: {}',
    forward: `otlphttp: { endpoint: "${sink}", compression: none }`,
    attributes: `otlphttp: { endpoint: "${sink}", compression: none }`,
    sealed: `file: { path: ${sealedFile(folder)}, format: proto, compression: lz4, encryption: { recipients: [${recipient}] } }`,
  };
  const exporter = exporters[job];
  const id = exporter.slice(0, exporter.indexOf(':'));
  return `
receivers:
  otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } }
processors:
  attributes:
    actions:
      - { key: session.id, action: delete }
      - { key: deployment.environment.name, value: production, action: insert }
exporters:
  ${exporter}
service:
  workers: { threads: ${threads} }
  telemetry: { metrics: { level: none } }
  pipelines:
    ${signal}: { receivers: [otlp], processors: ${job === 'attributes' ? '[attributes]' : '[]'}, exporters: [${id}] }
`;
}
