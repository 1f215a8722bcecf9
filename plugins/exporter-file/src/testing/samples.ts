import { jsonToProto, LogsBatch } from '@millrace/otlp';

/** A request with `records` log records, whose bodies carry the request's number. */
export function logsRequest(number: number, records = 3, service = 'cart'): Uint8Array {
  const logRecords = Array.from({ length: records }, (_, index) => ({
    timeUnixNano: String(1_700_000_000_000_000_000n + BigInt(number * 1000 + index)),
    severityNumber: 9,
    severityText: 'INFO',
    body: { stringValue: `request ${number} record ${index}` },
    attributes: [
      { key: 'user.id', value: { intValue: String((number * 7919 + index * 31) % 100_003) } },
      { key: 'url.path', value: { stringValue: `/cart/${(number * 104_729 + index) % 1000}` } },
    ],
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  return jsonToProto('logs', JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }));
}

/** A batch of one such request. */
export function logsBatch(number: number, records = 3): LogsBatch {
  return LogsBatch.of([logsRequest(number, records)]);
}

/** The bodies of all records in OTLP/JSON lines. */
export function bodiesOf(lines: string): string[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => (JSON.parse(line) as Request).resourceLogs)
    .flatMap(({ scopeLogs }) => scopeLogs)
    .flatMap(({ logRecords }) => logRecords ?? [])
    .map(({ body }) => body.stringValue);
}

/** The bodies that the records of requests `from` to `to - 1` have. */
export function bodiesOfRequests(from: number, to: number, records = 3): string[] {
  const bodies: string[] = [];
  for (let number = from; number < to; number++) {
    for (let index = 0; index < records; index++) bodies.push(`request ${number} record ${index}`);
  }
  return bodies;
}

interface Request {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords?: readonly { readonly body: { readonly stringValue: string } }[];
    }[];
  }[];
}
