import { LogsBuilder, type LogRecordView } from '@millrace/otlp';
import { setLoadId, type RequestSettings } from './request-settings.ts';
import { NOUNS, ROUTES, SERVICES, VERBS, Words } from './words.ts';

const LEVELS = [
  { number: 9, text: 'INFO' },
  { number: 9, text: 'INFO' },
  { number: 5, text: 'DEBUG' },
  { number: 13, text: 'WARN' },
  { number: 17, text: 'ERROR' },
];

/** An export request of log records. Typical ones have a sentence as body, five attributes and a trace context. */
export function logRequest(settings: RequestSettings): Uint8Array {
  const words = new Words(settings.seed, settings.shape);
  const { dice } = words;
  const builder = new LogsBuilder();
  const resource = builder.addResource();
  resource.attributes.set('service.name', dice.of(SERVICES));
  resource.attributes.set('host.name', `node-${dice.below(40)}`);
  const scope = resource.addScope();
  scope.name = 'shop';
  for (let index = 0; index < settings.items; index++) {
    const record = scope.addRecord();
    record.timeUnixNano = settings.startUnixNano + BigInt(index) * 1_003_000n;
    fill(record, words);
    setLoadId(record.attributes, settings);
  }
  return builder.build().toBytes();
}

function fill(record: LogRecordView, words: Words): void {
  const { dice, shape } = words;
  const level = dice.of(LEVELS);
  const route = dice.of(ROUTES);
  record.severityNumber = level.number;
  record.severityText = level.text;
  const start = `${dice.of(NOUNS)} ${dice.hex(8)} ${dice.of(VERBS)}`;
  if (shape.name !== 'small') {
    record.observedTimeUnixNano = record.timeUnixNano + BigInt(dice.below(90_000));
    record.traceId = dice.hex(32);
    record.spanId = dice.hex(16);
  }
  record.body = shape.bodyBytes === undefined ? body(start, words) : words.text(shape.bodyBytes, start);
  words.setAttributes(record.attributes, route);
}

function body(start: string, words: Words) {
  const { dice, shape } = words;
  const took = `${start} after ${dice.below(5_000)} ms`;
  switch (shape.name) {
    case 'small':
      return start;
    case 'typical':
      return `${took} by worker ${dice.below(64)} in ${dice.of(ROUTES)} for customer ${dice.below(1_000_000)}`;
    case 'fat':
      return `${took}\n${words.stack()}`;
    case 'deep':
      return { message: took, ...words.nested() };
  }
}
