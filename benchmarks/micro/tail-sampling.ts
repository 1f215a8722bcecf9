/**
 * The tail sampler on batches of 1,000 spans of about 400 bytes, of 100 traces that are mixed up and 3 services: what comes in
 * is cut by trace and held, decided by policies, and passed on; beside the same on decoded objects.
 *
 *     node benchmarks/micro/tail-sampling.ts
 *
 * Ratios count, not absolutes.
 */
import { encode, messageType, type Plain } from '../../packages/otlp/src/testing/oracle.ts';
import { cutByTrace, release } from '../../plugins/processor-tail-sampling/src/fragment.ts';
import { indexSpans } from '../../plugins/processor-tail-sampling/src/span-index.ts';
import { TailSampler } from '../../plugins/processor-tail-sampling/src/tail-sampler.ts';
import { settingsWith } from '../../plugins/processor-tail-sampling/src/testing/settings.ts';
import { measure } from './measure.ts';
import { PlainBatch, PlainHost } from './plain-host.ts';

const SPANS = 1000;
const TRACES = 100;
const SERVICES = ['cart', 'checkout', 'search'];
const ROUTES = ['/api/cart', '/api/checkout', '/api/products/{id}', '/healthz'];

const text = (key: string, value: string): Plain => ({ key, value: { stringValue: value } });
const whole = (key: string, value: number): Plain => ({ key, value: { intValue: BigInt(value) } });
const bytes = (value: number, length: number) => Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');

function span(i: number, first: number): Plain {
  const start = 1_760_000_000_000_000_000n + BigInt(i) * 1_000_003n;
  return {
    traceId: bytes(first + (i % TRACES) + 1, 16),
    spanId: bytes(i + 1, 8),
    ...(i < TRACES ? {} : { parentSpanId: bytes((i % TRACES) + 1, 8) }),
    name: `GET ${ROUTES[i % ROUTES.length]}`,
    kind: 2,
    startTimeUnixNano: start,
    endTimeUnixNano: start + BigInt(800_000 + ((i * 7919) % 90_000_000)),
    attributes: [
      text('http.request.method', i % 3 === 0 ? 'POST' : 'GET'),
      text('http.route', ROUTES[i % ROUTES.length]),
      whole('http.response.status_code', i % 50 === 0 ? 500 : 200),
      text('user.id', `user-${(i * 104_729) % 100_000}`),
      text('session.id', `5f0c${((i * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0')}`),
      text('net.peer.ip', `10.${i % 256}.${(i * 7) % 256}.${(i * 13) % 256}`),
      { key: 'cache.hit', value: { boolValue: i % 2 === 0 } },
    ],
    status: i % 500 === 0 ? { code: 2, message: 'boom' } : {},
  };
}

function request(first: number): Uint8Array {
  return encode('traces', {
    resourceSpans: SERVICES.map((service, index) => ({
      resource: { attributes: [text('service.name', service), text('host.name', `${service}-1`)] },
      scopeSpans: [
        {
          scope: { name: 'http' },
          spans: Array.from({ length: SPANS }, (_, i) => i)
            .filter((i) => i % SERVICES.length === index)
            .map((i) => span(i, first)),
        },
      ],
    })),
  });
}

const host = new PlainHost('traces');

const one = request(0);
const options = { roots: false };
console.log(`${SPANS} spans of ${TRACES} traces in ${one.length} bytes`);
measure('group spans by trace', SPANS, () => indexSpans([one], options));
measure('cut by trace', SPANS, () => release(cutByTrace(new PlainBatch('traces', [one]), host, options)));

const POLICIES = settingsWith({
  decision_wait: 100,
  num_traces: 1_000,
  policies: [
    { name: 'errors', type: 'status_code', status_code: { status_codes: ['ERROR'] } },
    { name: 'slow', type: 'latency', latency: { threshold_ms: 5_000, upper_threshold_ms: 0 } },
    {
      name: 'checkout',
      type: 'string_attribute',
      string_attribute: {
        key: 'http.route',
        values: ['^/api/pay'],
        enabled_regex_matching: true,
        cache_max_size: 0,
        invert_match: false,
      },
    },
    { name: 'some', type: 'probabilistic', probabilistic: { hash_salt: '', sampling_percentage: 10 } },
  ],
});

const requests = Array.from({ length: 50 }, (_, i) => request(i * TRACES));

/** Batches come every 100 ms, each with new traces, which are due with the next one. */
const sampler = new TailSampler(POLICIES, host);
let at = 0;
measure('cut, hold, decide, pass on: four policies', SPANS, () => {
  void sampler.consume(new PlainBatch('traces', [requests[at++ % requests.length]]));
  host.clock.step(100);
});

interface DecodedSpan {
  readonly traceId: Uint8Array;
  readonly status: { readonly code: number } | null;
}

interface DecodedTraces {
  readonly resourceSpans: readonly {
    readonly resource: object;
    readonly scopeSpans: readonly { readonly scope: object; readonly spans: readonly DecodedSpan[] }[];
  }[];
}

/** Consumed, so that nothing is optimized away. */
let sink = 0;
const requestType = messageType('traces');

/** Decodes, groups by trace, decides by errors alone, and encodes what is sampled. */
function onObjects(): number {
  const byTrace = new Map<string, { resource: object; scope: object; span: DecodedSpan }[]>();
  const message = requestType.decode(one) as unknown as DecodedTraces;
  for (const { resource, scopeSpans } of message.resourceSpans) {
    for (const { scope, spans } of scopeSpans) {
      for (const each of spans) {
        const key = Buffer.from(each.traceId).toString('latin1');
        const list = byTrace.get(key);
        if (list === undefined) byTrace.set(key, [{ resource, scope, span: each }]);
        else list.push({ resource, scope, span: each });
      }
    }
  }
  let length = 0;
  for (const spans of byTrace.values()) {
    if (!spans.some((each) => each.span.status?.code === 2)) continue;
    const resourceSpans = spans.map((each) => ({
      resource: each.resource,
      scopeSpans: [{ scope: each.scope, spans: [each.span] }],
    }));
    length += requestType.encode({ resourceSpans }).finish().length;
  }
  return length;
}

measure('decoded objects: errors alone', SPANS, () => (sink += onObjects()));
if (host.passedItems === 0 || sink === 0) throw new Error('nothing was sampled: the benchmark measures too little');
