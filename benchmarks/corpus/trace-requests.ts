import { TracesBuilder, type SpanView } from '@millrace/otlp';
import { Dice } from './log-requests.ts';

const SPANS_PER_TRACE = 10;
const SERVICES = ['checkout', 'catalog', 'payment', 'search', 'frontend', 'assistant', 'shipping', 'auth'];
const OPERATIONS = ['GET /orders/{id}', 'GET /cart', 'GET /search', 'POST /login', 'PUT /products/{id}', 'POST /chat'];
/** All trace ids begin with it, so that {@link TraceIds} finds them. */
const MARK = Buffer.from('5ca1ab1e', 'hex');
const SERVER = 2;
const INTERNAL = 1;
const ERROR = 2;

/** Export requests of `spans` spans of about 300 bytes each, ten to a trace, one trace in twenty with an error. */
export function traceRequests(count: number, spans: number, seed = 1): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => traceRequest(spans, seed + index));
}

function traceRequest(spans: number, seed: number): Uint8Array {
  const dice = new Dice(seed);
  const builder = new TracesBuilder();
  const resource = builder.addResource();
  resource.attributes.set('service.name', dice.of(SERVICES));
  resource.attributes.set('host.name', `node-${dice.below(40)}`);
  const scope = resource.addScope();
  scope.name = 'shop';
  const startNs = 1_790_000_000_000_000_000n + BigInt(seed) * 1_000_000_000n;
  let trace = { id: '', rootId: '', fails: false };
  for (let index = 0; index < spans; index++) {
    const isRoot = index % SPANS_PER_TRACE === 0;
    if (isRoot) trace = { id: MARK.toString('hex') + dice.hex(24), rootId: dice.hex(16), fails: dice.below(20) === 0 };
    const span = scope.addSpan();
    span.traceId = trace.id;
    span.spanId = isRoot ? trace.rootId : dice.hex(16);
    if (!isRoot) span.parentSpanId = trace.rootId;
    span.kind = isRoot ? SERVER : INTERNAL;
    span.startTimeUnixNano = startNs + BigInt(index) * 1_003_000n;
    fill(span, dice, trace.fails && isRoot);
  }
  return builder.build().toBytes();
}

function fill(span: SpanView, dice: Dice, fails: boolean): void {
  span.name = dice.of(OPERATIONS);
  span.endTimeUnixNano = span.startTimeUnixNano + BigInt(dice.below(2_000_000) * 1_000);
  if (fails) span.statusCode = ERROR;
  span.attributes.set('http.request.method', dice.of(['GET', 'GET', 'POST', 'PUT']));
  span.attributes.set('http.response.status_code', fails ? 500 : dice.of([200, 200, 201, 304, 404]));
  span.attributes.set('url.path', `/${dice.hex(8)}/${dice.hex(12)}`);
  span.attributes.set('session.id', dice.hex(12));
  span.attributes.set('client.address', `10.${dice.below(256)}.${dice.below(256)}.${dice.below(256)}`);
  span.attributes.set('user_agent.original', `shop-app/${dice.below(9)}.${dice.below(30)} (build ${dice.hex(10)})`);
}

/** Gives each sending of a request trace ids of its own: samplers would take a repeated one for a late span. */
export class TraceIds {
  readonly #offsets = new Map<Uint8Array, readonly number[]>();

  /** A copy of a request with the number in all of its trace ids. */
  renumber(request: Uint8Array, number: number): Uint8Array {
    const copy = Buffer.from(request);
    for (const offset of this.#offsetsIn(request)) copy.writeUInt32BE(number, offset);
    return copy;
  }

  #offsetsIn(request: Uint8Array): readonly number[] {
    const known = this.#offsets.get(request);
    if (known !== undefined) return known;
    const bytes = Buffer.from(request);
    const offsets: number[] = [];
    for (let at = bytes.indexOf(MARK); at !== -1; at = bytes.indexOf(MARK, at + 16)) offsets.push(at);
    this.#offsets.set(request, offsets);
    return offsets;
  }
}
