import type { OpenBatch } from '@millrace/api';
import { FakeExporterHost } from '@millrace/testkit';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { DebugEncoder } from './debug-encoder.ts';
import { DebugSink } from './debug-sink.ts';
import type { DebugExporterConfig } from './index.ts';
import { logs, traces } from './testing/samples.ts';
import { streamOutput } from './text-output.ts';

const DEFAULTS: DebugExporterConfig = {
  verbosity: 'basic',
  sampling_initial: 2,
  sampling_thereafter: 1,
  use_internal_logger: true,
};

class Rig {
  readonly host = new FakeExporterHost();
  readonly settings: DebugExporterConfig;
  readonly sink: DebugSink;
  readonly #encoder: DebugEncoder;

  constructor(changes: Partial<DebugExporterConfig>, ...open: ConstructorParameters<typeof DebugSink>[2][]) {
    this.settings = { ...DEFAULTS, ...changes };
    this.sink = new DebugSink(this.settings, this.host, ...open);
    this.#encoder = new DebugEncoder(this.settings);
    onTestFinished(() => this.sink.shutdown());
  }

  send(batch: OpenBatch): Promise<void> {
    const { signal, itemCount: items } = batch;
    const bytes = this.#encoder.encode(batch);
    return this.sink.send({ signal, bytes, items, context: undefined, abort: new AbortController().signal });
  }

  get messages(): string[] {
    return this.host.recordedLog.lines.map(({ message }) => message);
  }
}

function temporaryFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-debug-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, 'out.txt');
}

it('with the internal logger, a batch is a line with counts', async () => {
  const rig = new Rig({});
  await rig.sink.start();
  await rig.send(traces());
  expect(rig.host.recordedLog.lines).toMatchObject([
    { level: 'info', message: 'Traces', fields: { 'resource spans': 1, spans: 2 } },
  ]);
  expect(rig.host.announced).toEqual([]);
});

it('with the internal logger, its text is a line of its own', async () => {
  const rig = new Rig({ verbosity: 'normal' });
  await rig.send(logs());
  expect(rig.messages[0]).toBe('Logs');
  expect(rig.messages[1]).toContain('something happened');
});

it('without it, both go to the outputs, files appended to and created for the owner only', async () => {
  const path = temporaryFile();
  for (let run = 0; run < 2; run++) {
    const rig = new Rig({ use_internal_logger: false, output_paths: [path], verbosity: 'normal' });
    await rig.sink.start();
    await Promise.all([rig.send(logs()), rig.send(traces())]);
    await rig.sink.shutdown();
    expect(rig.host.announced).toEqual([{ what: 'writes', place: path }]);
    expect(rig.messages).toEqual([]);
  }
  const text = readFileSync(path, 'utf8');
  expect(text.split('\n').filter((line) => line.startsWith('Logs\t') || line.startsWith('Traces\t'))).toEqual([
    'Logs\t{"resource logs": 1, "log records": 2}',
    'Traces\t{"resource spans": 1, "spans": 2}',
    'Logs\t{"resource logs": 1, "log records": 2}',
    'Traces\t{"resource spans": 1, "spans": 2}',
  ]);
});

it('the default output is stdout', async () => {
  const opened: string[] = [];
  const written: string[] = [];
  const rig = new Rig({ use_internal_logger: false }, (path) => {
    opened.push(path);
    return Promise.resolve({
      write: (text) => Promise.resolve(void written.push(text)),
      close: () => Promise.resolve(),
    });
  });
  await rig.sink.start();
  await rig.send(traces());
  expect(opened).toEqual(['stdout']);
  expect(written).toEqual(['Traces\t{"resource spans": 1, "spans": 2}\n']);
});

it('a file that cannot be opened ends the start, with a remedy', async () => {
  const rig = new Rig({ use_internal_logger: false, output_paths: ['/dev/null/x'] });
  await expect(rig.sink.start()).rejects.toMatchObject({ code: 'OUTPUT_OPEN', remedy: expect.any(String) as string });
});

it('an output that fails is told to the sender, who may try again, and the next batch is tried', async () => {
  const broken = streamOutput({
    write: (_text: string, done: (error?: Error) => void) => {
      done(new Error('EPIPE'));
      return false;
    },
  } as NodeJS.WritableStream);
  const rig = new Rig({ use_internal_logger: false }, () => Promise.resolve(broken));
  await rig.sink.start();
  for (let batch = 0; batch < 2; batch++) {
    await expect(rig.send(logs())).rejects.toMatchObject({ code: 'OUTPUT_WRITE', retryable: true });
  }
});

it('after the initial ones of a second every nth batch of a signal is shown', async () => {
  const rig = new Rig({ sampling_initial: 2, sampling_thereafter: 3 });
  const shown = async () => {
    const before = rig.messages.length;
    await rig.send(logs());
    return rig.messages.length > before;
  };
  const pattern: boolean[] = [];
  for (let batch = 0; batch < 9; batch++) pattern.push(await shown());
  expect(pattern).toEqual([true, true, false, false, true, false, false, true, false]);
  await rig.send(traces());
  expect(rig.messages.at(-1)).toBe('Traces');
  await rig.host.manualClock.advance(1000);
  expect([await shown(), await shown(), await shown()]).toEqual([true, true, false]);
});

it('by default everything is shown; with sampling_thereafter 0 only the initial ones', async () => {
  const all = new Rig({});
  const few = new Rig({ sampling_thereafter: 0 });
  for (let batch = 0; batch < 10; batch++) await Promise.all([all.send(logs()), few.send(logs())]);
  expect([all.messages.length, few.messages.length]).toEqual([10, 2]);
});

it('nothing is safe here', () => {
  expect(new Rig({}).sink.guarantee).toBe('memory');
});
