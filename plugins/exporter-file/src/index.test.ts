import { jsonLines, jsonToProto } from '@millrace/otlp';
import { describeConformance } from '@millrace/testkit';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SIGNAL_OF_KEY = {
  resourceLogs: 'logs',
  resourceSpans: 'traces',
  resourceMetrics: 'metrics',
  resourceProfiles: 'profiles',
} as const;

describeConformance(new URL('./index.ts', import.meta.url), {
  failing: ['file: { path: /dev/null/x.jsonl }', 'file: { path: /tmp }'],
  exporter: {
    async open() {
      const directory = await mkdtemp(join(tmpdir(), 'millrace-file-'));
      const path = join(directory, 'all.jsonl');
      return {
        config: `file: { path: ${path} }`,
        async read() {
          return Array.from(jsonLines(await readFile(path)), (line) => {
            const key = /"(resource\w+)"/.exec(Buffer.from(line).toString())?.[1] as keyof typeof SIGNAL_OF_KEY;
            return { signal: SIGNAL_OF_KEY[key], bytes: jsonToProto(SIGNAL_OF_KEY[key], line) };
          });
        },
        close: () => rm(directory, { recursive: true }),
      };
    },
  },
});
