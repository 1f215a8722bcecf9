import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigReader } from './config-reader.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-named-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A reader of a configuration with a certificate that is read once, and one that is looked at again and again. */
function readerOf(tls: string): ConfigReader {
  const yaml = `{ receivers: { otlp: { protocols: { http: { tls: { cert_file: ${folder}/cert.pem, key_file: ${folder}/key.pem, ${tls} } } } } }, exporters: { nop: }, service: { pipelines: { logs: { receivers: [otlp], exporters: [nop] } } } }`;
  return new ConfigReader({ config: [`yaml:${yaml}`], set: [] });
}

test('a file that settings name is watched, and makes a component another one when it has changed', async () => {
  writeFileSync(join(folder, 'cert.pem'), 'one');
  writeFileSync(join(folder, 'key.pem'), 'one');
  const reader = readerOf('');
  const revision = async () => (await reader.read()).config.receivers.get('otlp')?.revision;
  const first = await revision();
  expect([...reader.files]).toEqual(expect.arrayContaining([join(folder, 'cert.pem'), join(folder, 'key.pem')]));
  expect(await revision()).toBe(first);
  writeFileSync(join(folder, 'key.pem'), 'another');
  expect(await revision()).not.toBe(first);
  expect((await reader.read()).config.exporters.get('nop')?.revision).toBeUndefined();
});

test('not where the component looks at its files by itself', async () => {
  const reader = readerOf('reload_interval: 1m');
  const { config } = await reader.read();
  expect(config.receivers.get('otlp')?.revision).toBeUndefined();
  expect(reader.files.has(join(folder, 'key.pem'))).toBe(false);
});
