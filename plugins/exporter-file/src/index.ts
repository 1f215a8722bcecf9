import { defineExporter, SIGNALS } from '@millrace/api';
import { sealChunks, type AgeChunkPosition } from '@millrace/codec';
import { checkConfig, config } from './config.ts';
import { FileEncoder } from './file-encoder.ts';
import { FileSink } from './file-sink.ts';
import { GroupedEncoder } from './grouped-encoder.ts';
import { GroupedFileSink } from './grouped-file-sink.ts';

export type { FileExporterConfig } from './config.ts';

/** Writes files: OTLP as JSON lines or protobuf, compressed and encrypted, rotated by size. */
export default defineExporter({
  type: 'file',
  summary: 'Writes files: JSON lines or protobuf, compressed and encrypted, rotated.',
  stability: 'beta',
  signals: SIGNALS,
  config,
  examples: [
    { title: 'JSON lines', yaml: 'file: { path: ./telemetry.jsonl }' },
    {
      title: 'Compressed and encrypted, ten files of 50 MiB',
      yaml: [
        'file/sealed:',
        '  path: data/logs.jsonl.zst.age',
        '  compression: zstd',
        '  encryption:',
        '    recipients: [age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj]',
        '  rotation: { max_megabytes: 50, max_backups: 10 }',
      ].join('\n'),
    },
    {
      title: 'Acknowledged only when on disk',
      yaml: 'file/safe: { path: ./telemetry.binpb.lz4, format: proto, compression: lz4, append: true, fsync: true }',
    },
    {
      title: 'A file for each service',
      yaml: 'file/services: { path: "./logs/*.jsonl", group_by: { enabled: true, resource_attribute: service.name } }',
    },
  ],
  check: checkConfig,
  encoder: (settings, tools) =>
    settings.group_by.enabled ? new GroupedEncoder(settings, tools) : new FileEncoder(settings),
  create: (settings, host) =>
    settings.group_by.enabled ? new GroupedFileSink(settings, host) : new FileSink(settings, host),
  jobs: {
    /** Encrypts whole chunks, or the end of a file. */
    seal: (input: Uint8Array, position: AgeChunkPosition) => sealChunks(input, position),
  },
});
