import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { LogsBatch } from '@millrace/otlp';
import { collectorOf, taggedRequest } from '@millrace/testkit';
import { expect, onTestFinished, test } from 'vitest';

const PLUGIN = new URL('../index.ts', import.meta.url);

const configOf = (settings: string, threads: number) => `
receivers: { test/in: }
exporters: { test/out: }
processors: { resourcedetection: ${settings} }
service:
  workers: { threads: ${threads} }
  pipelines: { logs: { receivers: [test/in], processors: [resourcedetection], exporters: [test/out] } }
`;

/** An agent of Consul in a process of its own, as data wait for it without turning an event loop. */
async function consul(): Promise<string> {
  const agent = JSON.stringify({ Config: { NodeName: 'node-1' } });
  const script = `require('node:http').createServer((q, r) => r.end('${agent}')).listen(0, function () { console.log(this.address().port) })`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return `localhost:${line.toString().trim()}`;
}

test.each([0, 1])('with %d workers, data carry what a service tells', async (threads) => {
  const settings = `{ detectors: [consul], consul: { address: "${await consul()}" } }`;
  await using collector = await collectorOf(configOf(settings, threads), { plugins: [PLUGIN] });
  for (let i = 0; i < 2; i++) await collector.in().send('logs', taggedRequest('logs', [i]));
  const names = collector
    .out()
    .accepted.flatMap(({ bytes }) =>
      [...LogsBatch.of([bytes]).resources].map(({ attributes }) => attributes.get('host.name')),
    );
  expect(names).toEqual(['node-1', 'node-1']);
});

test('data are refused for now while a service that has to tell does not', async () => {
  const settings = '{ detectors: [consul], fail_on_missing_metadata: true, consul: { address: "localhost:1" } }';
  await using collector = await collectorOf(configOf(settings, 0), { plugins: [PLUGIN] });
  const refusal = collector.in().send('logs', taggedRequest('logs', [0]));
  await expect(refusal).rejects.toMatchObject({ retryable: true });
});
