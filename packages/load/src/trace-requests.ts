import { TracesBuilder, type SpanView } from '@millrace/otlp';
import { setLoadId, type RequestSettings } from './request-settings.ts';
import { ROUTES, SERVICES, VERBS, Words } from './words.ts';

const OPERATIONS = ['GET /orders/{id}', 'GET /cart', 'GET /search', 'POST /login', 'PUT /products/{id}', 'POST /chat'];
const SPANS_PER_TRACE = 10;
/** All trace ids begin with it, so that each sending of a request can have trace ids of its own. */
export const TRACE_MARK: Uint8Array = Buffer.from('5ca1ab1e', 'hex');
const SERVER = 2;
const INTERNAL = 1;
const ERROR = 2;

interface Trace {
  readonly id: string;
  readonly rootId: string;
  readonly fails: boolean;
}

/** An export request of spans, ten to a trace, one trace in twenty with an error. */
export function traceRequest(settings: RequestSettings): Uint8Array {
  const words = new Words(settings.seed, settings.shape);
  const { dice } = words;
  const builder = new TracesBuilder();
  const resource = builder.addResource();
  resource.attributes.set('service.name', dice.of(SERVICES));
  resource.attributes.set('host.name', `node-${dice.below(40)}`);
  const scope = resource.addScope();
  scope.name = 'shop';
  const mark = Buffer.from(TRACE_MARK).toString('hex');
  let trace: Trace = { id: '', rootId: '', fails: false };
  for (let index = 0; index < settings.items; index++) {
    const isRoot = index % SPANS_PER_TRACE === 0;
    if (isRoot) trace = { id: mark + dice.hex(24), rootId: dice.hex(16), fails: dice.below(20) === 0 };
    const span = scope.addSpan();
    span.traceId = trace.id;
    span.spanId = isRoot ? trace.rootId : dice.hex(16);
    if (!isRoot) span.parentSpanId = trace.rootId;
    span.kind = isRoot ? SERVER : INTERNAL;
    span.startTimeUnixNano = settings.startUnixNano + BigInt(index) * 1_003_000n;
    fill(span, words, trace.fails && isRoot);
    setLoadId(span.attributes, settings);
  }
  return builder.build().toBytes();
}

function fill(span: SpanView, words: Words, fails: boolean): void {
  const { dice, shape } = words;
  const route = dice.of(ROUTES);
  span.name = dice.of(OPERATIONS);
  span.endTimeUnixNano = span.startTimeUnixNano + BigInt(dice.below(2_000_000) * 1_000);
  words.setAttributes(span.attributes, route);
  if (shape.name !== 'small') span.attributes.set('user_agent.original', `shop-app/${dice.below(9)}.${words.id(10)}`);
  if (fails) {
    span.statusCode = ERROR;
    span.attributes.set('http.response.status_code', 500);
  }
  const message = eventMessage(words);
  if (message === undefined) return;
  const event = span.addEvent();
  event.timeUnixNano = span.startTimeUnixNano + 1_000n;
  event.name = 'exception';
  event.attributes.set('exception.stacktrace', message);
}

function eventMessage(words: Words): string | undefined {
  const { name, bodyBytes } = words.shape;
  if (bodyBytes !== undefined) return words.text(bodyBytes, words.dice.of(VERBS));
  return name === 'fat' || name === 'deep' ? words.stack() : undefined;
}
