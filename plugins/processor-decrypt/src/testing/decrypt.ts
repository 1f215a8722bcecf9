import { JweEncryptor, type JweKey, openKey } from '@millrace/codec';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf } from '@millrace/testkit';

/** 32 bytes of one digit, as base64url. */
export const secretOf = (digit: number): string => Buffer.alloc(32, digit).toString('base64url');

export const K1 = { kid: 'k1', value: secretOf(1) };

/** A token as anybody makes it who has the key. */
export function tokenOf(plaintext: string | Uint8Array, contentType?: string, key = K1): string {
  const encryptor = new JweEncryptor(openKey(key) as JweKey, { usesMax: 1, ageMsMax: 1 });
  return encryptor.encrypt(Buffer.from(plaintext), contentType);
}

const MODULES = {
  decrypt: new URL('../index.ts', import.meta.url),
  encrypt: new URL('../../../processor-encrypt/src/index.ts', import.meta.url),
};

/** A collector in memory with these processors, one after the other. */
export function collectorWith(processors: { readonly encrypt?: object; readonly decrypt: object }) {
  const names = Object.keys(processors) as (keyof typeof MODULES)[];
  const pipeline = `{ receivers: [test/in], processors: [${names.join(', ')}], exporters: [test/out] }`;
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/out: }',
    `processors: ${JSON.stringify(processors)}`,
    `service: { pipelines: { logs: ${pipeline}, traces: ${pipeline}, metrics: ${pipeline} } }`,
  ].join('\n');
  return collectorOf(yaml, { plugins: names.map((name) => MODULES[name]), metrics: true });
}

/** What becomes of an OTLP/JSON request. */
export async function decrypt(
  settings: object,
  signal: 'logs' | 'traces' | 'metrics',
  request: object,
): Promise<unknown> {
  await using collector = await collectorWith({ decrypt: settings });
  await collector.in().send(signal, jsonToProto(signal, JSON.stringify(request)));
  const [payload] = collector.out().accepted;
  return JSON.parse(Buffer.from(protoToJson(signal, payload.bytes)).toString());
}

export interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A log record in OTLP/JSON, decrypted. */
export async function decryptRecord(
  settings: object,
  record: { readonly attributes?: readonly KeyValue[]; readonly body?: object },
): Promise<{ readonly attributes: readonly KeyValue[]; readonly body: Readonly<Record<string, unknown>> | undefined }> {
  const found = (await decrypt(settings, 'logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })) as {
    resourceLogs: { scopeLogs: { logRecords: { attributes?: KeyValue[]; body?: KeyValue['value'] }[] }[] }[];
  };
  const { attributes = [], body } = found.resourceLogs[0].scopeLogs[0].logRecords[0];
  return { attributes, body };
}
