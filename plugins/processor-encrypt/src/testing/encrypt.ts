import type { Signal } from '@millrace/api';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf } from '@millrace/testkit';
import { compactDecrypt, importJWK } from 'jose';

export type EncryptedSignal = Exclude<Signal, 'profiles'>;

/** 32 bytes of one digit, as base64url. */
export const secretOf = (digit: number): string => Buffer.alloc(32, digit).toString('base64url');

/** A collector in memory whose only processor is an encryption with these settings. */
export function collectorWith(settings: object) {
  const pipeline = '{ receivers: [test/in], processors: [encrypt], exporters: [test/out] }';
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/out: }',
    `processors: { encrypt: ${JSON.stringify(settings)} }`,
    `service: { pipelines: { logs: ${pipeline}, traces: ${pipeline}, metrics: ${pipeline} } }`,
  ].join('\n');
  return collectorOf(yaml, { plugins: [new URL('../index.ts', import.meta.url)], metrics: true });
}

/** What becomes of an OTLP/JSON request. */
export async function encrypt(settings: object, signal: EncryptedSignal, request: object): Promise<unknown> {
  await using collector = await collectorWith(settings);
  await collector.in().send(signal, jsonToProto(signal, JSON.stringify(request)));
  const [payload] = collector.out().accepted;
  return JSON.parse(Buffer.from(protoToJson(signal, payload.bytes)).toString());
}

/** An OTLP/JSON attribute. */
export interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A log record in OTLP/JSON, encrypted. */
export async function encryptRecord(
  settings: object,
  record: { readonly attributes?: readonly KeyValue[]; readonly body?: object },
): Promise<{ readonly attributes: readonly KeyValue[]; readonly body: Readonly<Record<string, unknown>> }> {
  const found = (await encrypt(settings, 'logs', {
    resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }],
  })) as { resourceLogs: { scopeLogs: { logRecords: { attributes?: KeyValue[]; body?: KeyValue['value'] }[] }[] }[] };
  const { attributes = [], body = {} } = found.resourceLogs[0].scopeLogs[0].logRecords[0];
  return { attributes, body };
}

/** What jose finds in a token made with a secret key. */
export async function openedWith(
  secret: string,
  token: unknown,
): Promise<{ text: string; cty: unknown; kid: unknown }> {
  const key = await importJWK({ kty: 'oct', k: secret, alg: 'A256KW' });
  const { plaintext, protectedHeader } = await compactDecrypt(String(token), key);
  return { text: Buffer.from(plaintext).toString(), cty: protectedHeader.cty, kid: protectedHeader.kid };
}
