import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Lifetime } from './cleanup.ts';
import { runMillrace } from './millrace.ts';

/** Arguments that move the quickstart away from its ports, and into a folder. */
export async function quickstartIn(folder: string, lifetime: Lifetime = 'test'): Promise<string[]> {
  mkdirSync(join(folder, 'data'));
  await runMillrace(['keygen', 'my.key'], { cwd: folder, lifetime });
  const files = ['logs', 'traces', 'metrics'].flatMap((signal) => [
    `exporters.file/${signal}.path=${folder}/data/${signal}.jsonl.zst.age`,
    `exporters.file/${signal}.encryption.recipients_file=${folder}/my.key.pub`,
  ]);
  const readers = '[{pull: {exporter: {prometheus: {host: 127.0.0.1, port: 0}}}}]';
  const settings = [
    'receivers.otlp.protocols.grpc.endpoint=127.0.0.1:0',
    'receivers.otlp.protocols.http.endpoint=127.0.0.1:0',
    'extensions.health_check.endpoint=127.0.0.1:0',
    `service.telemetry.metrics.readers=${readers}`,
    ...files,
  ];
  return settings.flatMap((setting) => ['--set', setting]);
}
