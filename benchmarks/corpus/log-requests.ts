import { LogsBuilder, type LogRecordView } from '@millrace/otlp';

const SERVICES = ['checkout', 'catalog', 'payment', 'search', 'frontend', 'assistant', 'shipping', 'auth'];
const VERBS = ['accepted', 'rejected', 'queued', 'retried', 'completed', 'expired', 'rendered', 'refreshed'];
const NOUNS = ['order', 'session', 'invoice', 'cart', 'shipment', 'coupon', 'profile', 'answer'];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const ROUTES = ['/orders/{id}', '/cart', '/search', '/login', '/products/{id}', '/checkout', '/assistant/chat'];
const LEVELS = [
  { number: 9, text: 'INFO' },
  { number: 9, text: 'INFO' },
  { number: 5, text: 'DEBUG' },
  { number: 13, text: 'WARN' },
  { number: 17, text: 'ERROR' },
];

/** Pseudo-random numbers from a seed (xorshift32), so that every run has the same load. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0 || 1;
  }

  below(limit: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % limit;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += (this.below(2 ** 31) + 2 ** 31).toString(16);
    return text.slice(0, digits);
  }
}

/** Sizes that records come in, in bytes on the wire, roughly. */
export type RecordBytes = 100 | 300 | 2_000;

/**
 * Export requests of `records` log records of about 300 bytes each, five attributes and a trace context, with diverse
 * content: words, numbers and ids differ from record to record, so that compression has honest work. Records of 100
 * bytes have a short body and two attributes; those of 2,000 bytes a long body and fifteen attributes.
 */
export function logRequests(count: number, records: number, seed = 1, recordBytes: RecordBytes = 300): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => logRequest(records, seed + index, recordBytes));
}

function logRequest(records: number, seed: number, recordBytes: RecordBytes): Uint8Array {
  const dice = new Dice(seed);
  const builder = new LogsBuilder();
  const resource = builder.addResource();
  resource.attributes.set('service.name', dice.of(SERVICES));
  resource.attributes.set('host.name', `node-${dice.below(40)}`);
  const scope = resource.addScope();
  scope.name = 'shop';
  const startNs = 1_790_000_000_000_000_000n + BigInt(seed) * 1_000_000_000n;
  for (let index = 0; index < records; index++) {
    const record = scope.addRecord();
    record.timeUnixNano = startNs + BigInt(index) * 1_003_000n;
    if (recordBytes === 100) fillSmall(record, dice);
    else fillMedium(record, dice);
    if (recordBytes === 2_000) enlarge(record, dice);
  }
  return builder.build().toBytes();
}

function fillSmall(record: LogRecordView, dice: Dice): void {
  const level = dice.of(LEVELS);
  record.severityNumber = level.number;
  record.severityText = level.text;
  record.body = `${dice.of(NOUNS)} ${dice.hex(8)} ${dice.of(VERBS)}`;
  record.attributes.set('http.request.method', dice.of(METHODS));
  record.attributes.set('worker', dice.below(64));
}

function fillMedium(record: LogRecordView, dice: Dice): void {
  const level = dice.of(LEVELS);
  const route = dice.of(ROUTES);
  record.observedTimeUnixNano = record.timeUnixNano + BigInt(dice.below(90_000));
  record.severityNumber = level.number;
  record.severityText = level.text;
  record.traceId = dice.hex(32);
  record.spanId = dice.hex(16);
  record.body = `${dice.of(NOUNS)} ${dice.hex(8)} ${dice.of(VERBS)} after ${dice.below(5_000)} ms by worker ${dice.below(64)} in ${dice.of(ROUTES)} for customer ${dice.below(1_000_000)}`;
  record.attributes.set('http.request.method', dice.of(METHODS));
  record.attributes.set('http.route', route);
  record.attributes.set('http.response.status_code', dice.of([200, 200, 200, 201, 304, 400, 404, 500, 503]));
  record.attributes.set('session.id', dice.hex(12));
  record.attributes.set('client.address', `10.${dice.below(256)}.${dice.below(256)}.${dice.below(256)}`);
}

function enlarge(record: LogRecordView, dice: Dice): void {
  const frames = Array.from({ length: 14 }, () => {
    const [verb, noun] = [dice.of(VERBS), dice.of(NOUNS)];
    return `  at ${noun}.${verb} (/srv/app/${dice.of(SERVICES)}/${noun}.js:${dice.below(900)}:${dice.below(80)})`;
  });
  record.body = `${dice.of(NOUNS)} ${dice.hex(8)} ${dice.of(VERBS)} after ${dice.below(5_000)} ms\n${frames.join('\n')}`;
  for (let index = 0; index < 10; index++) {
    record.attributes.set(`${dice.of(SERVICES)}.${dice.of(NOUNS)}.${index}`, `${dice.of(VERBS)} ${dice.hex(40)}`);
  }
}
