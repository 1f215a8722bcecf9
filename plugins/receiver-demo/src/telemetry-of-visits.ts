import { anyValue, attributes, resource, unixNano } from './otlp-json.ts';
import type { Visit } from './visit.ts';

const SCOPE = { name: 'shop', version: '2.7.1' };
const INFO = { severityNumber: 9, severityText: 'INFO' };
const ERROR = { severityNumber: 17, severityText: 'ERROR' };
const SERVER = 2;
const CLIENT = 3;
const STATUS_ERROR = 2;
const DELTA = 1;
const DURATION_BOUNDS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

/** Access logs of the frontend, log lines of checkout and assistant. */
export function logsOf(visits: readonly Visit[]): object {
  const frontend: object[] = [];
  const checkout: object[] = [];
  const assistant: object[] = [];
  for (const visit of visits) {
    frontend.push(accessLog(visit));
    if (visit.failure !== undefined || visit.request.route === '/checkout') checkout.push(orderLog(visit));
    if (visit.agent !== undefined) assistant.push(agentLog(visit));
  }
  return {
    resourceLogs: [
      { resource: resource('frontend'), scopeLogs: [{ scope: SCOPE, logRecords: frontend }] },
      { resource: resource('checkout'), scopeLogs: [{ scope: SCOPE, logRecords: checkout }] },
      { resource: resource('assistant'), scopeLogs: [{ scope: SCOPE, logRecords: assistant }] },
    ].filter(({ scopeLogs }) => scopeLogs.some(({ logRecords }) => logRecords.length > 0)),
  };
}

function logRecord(visit: Visit, body: string, values: Parameters<typeof attributes>[0]): object {
  return {
    timeUnixNano: unixNano(visit.endMs),
    observedTimeUnixNano: unixNano(visit.endMs),
    ...(visit.failure === undefined ? INFO : ERROR),
    body: anyValue(body),
    attributes: attributes(values),
    traceId: visit.traceId,
    spanId: visit.spanIds[0],
  };
}

function accessLog(visit: Visit): object {
  const { method, path, status } = visit.request;
  const durationMs = Math.round(visit.endMs - visit.startMs);
  return logRecord(visit, `${method} ${path} ${status} ${durationMs}ms`, {
    'http.request.method': method,
    'url.path': path,
    'http.response.status_code': status,
    'client.address': visit.address,
    'session.id': visit.sessionId,
    duration_ms: durationMs,
  });
}

function orderLog(visit: Visit): object {
  const body = visit.failure === undefined ? `order placed: ${visit.product}` : `order failed: ${visit.failure}`;
  return logRecord(visit, body, {
    'session.id': visit.sessionId,
    'product.id': visit.product,
    'order.amount': visit.amountCents / 100,
  });
}

function agentLog(visit: Visit): object {
  const { agent } = visit;
  return logRecord(visit, agent?.question ?? '', {
    'gen_ai.request.model': agent?.model ?? '',
    'gen_ai.usage.input_tokens': agent?.inputTokens ?? 0,
    'gen_ai.usage.output_tokens': agent?.outputTokens ?? 0,
    'gen_ai.tool.name': agent?.tool ?? '',
    'session.id': visit.sessionId,
  });
}

/** The frontend's server span, the database's query under it, and the assistant's model call. */
export function tracesOf(visits: readonly Visit[]): object {
  const frontend = visits.flatMap((visit) => [serverSpan(visit), querySpan(visit)]);
  const assistant = visits.flatMap((visit) => (visit.agent === undefined ? [] : [chatSpan(visit)]));
  const all = [
    { resource: resource('frontend'), scopeSpans: [{ scope: SCOPE, spans: frontend }] },
    { resource: resource('assistant'), scopeSpans: [{ scope: SCOPE, spans: assistant }] },
  ];
  return { resourceSpans: assistant.length === 0 ? all.slice(0, 1) : all };
}

function serverSpan(visit: Visit): object {
  const { method, route, path, status } = visit.request;
  return {
    traceId: visit.traceId,
    spanId: visit.spanIds[0],
    name: `${method} ${route}`,
    kind: SERVER,
    startTimeUnixNano: unixNano(visit.startMs),
    endTimeUnixNano: unixNano(visit.endMs),
    attributes: attributes({
      'http.request.method': method,
      'http.route': route,
      'url.path': path,
      'http.response.status_code': status,
      'client.address': visit.address,
    }),
    ...(visit.failure === undefined ? {} : failureOf(visit, visit.failure)),
  };
}

function failureOf(visit: Visit, message: string): object {
  return {
    status: { code: STATUS_ERROR, message },
    events: [
      {
        timeUnixNano: unixNano(visit.endMs),
        name: 'exception',
        attributes: attributes({ 'exception.type': 'OrderError', 'exception.message': message }),
      },
    ],
  };
}

function querySpan(visit: Visit): object {
  const startMs = visit.startMs + 2;
  return {
    traceId: visit.traceId,
    spanId: visit.spanIds[1],
    parentSpanId: visit.spanIds[0],
    name: visit.query.split(' ', 1)[0],
    kind: CLIENT,
    startTimeUnixNano: unixNano(startMs),
    endTimeUnixNano: unixNano(startMs + visit.queryMs),
    attributes: attributes({ 'db.system.name': 'postgresql', 'db.namespace': 'shop', 'db.query.text': visit.query }),
  };
}

function chatSpan(visit: Visit): object {
  const { agent } = visit;
  const startMs = visit.startMs + 3 + visit.queryMs;
  return {
    traceId: visit.traceId,
    spanId: visit.spanIds[2],
    parentSpanId: visit.spanIds[0],
    name: `chat ${agent?.model ?? ''}`,
    kind: CLIENT,
    startTimeUnixNano: unixNano(startMs),
    endTimeUnixNano: unixNano(startMs + (agent?.durationMs ?? 0)),
    attributes: attributes({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': agent?.model ?? '',
      'gen_ai.usage.input_tokens': agent?.inputTokens ?? 0,
      'gen_ai.usage.output_tokens': agent?.outputTokens ?? 0,
    }),
  };
}

/** Requests, their durations, turnover and tokens of the visits, as deltas. */
export function metricsOf(visits: readonly Visit[]): object {
  const startMs = Math.min(...visits.map((visit) => visit.startMs));
  const endMs = Math.max(...visits.map((visit) => visit.endMs));
  const times = { startTimeUnixNano: unixNano(startMs), timeUnixNano: unixNano(endMs) };
  const frontend = [
    { name: 'http.server.requests', unit: '{request}', sum: delta(visits.map((visit) => requestCount(visit, times))) },
    {
      name: 'http.server.request.duration',
      unit: 'ms',
      histogram: { aggregationTemporality: DELTA, dataPoints: visits.map((visit) => requestDuration(visit, times)) },
    },
  ];
  const withAgent = visits.filter(({ agent }) => agent !== undefined);
  const assistant = [
    {
      name: 'gen_ai.client.token.usage',
      unit: '{token}',
      sum: delta(withAgent.flatMap((visit) => tokenCounts(visit, times))),
    },
  ];
  const all = [
    { resource: resource('frontend'), scopeMetrics: [{ scope: SCOPE, metrics: frontend }] },
    { resource: resource('assistant'), scopeMetrics: [{ scope: SCOPE, metrics: assistant }] },
  ];
  return { resourceMetrics: withAgent.length === 0 ? all.slice(0, 1) : all };
}

function delta(dataPoints: readonly object[]): object {
  return { aggregationTemporality: DELTA, isMonotonic: true, dataPoints };
}

function requestCount(visit: Visit, times: object): object {
  const { route, status } = visit.request;
  return { ...times, asInt: '1', attributes: attributes({ 'http.route': route, 'http.response.status_code': status }) };
}

function requestDuration(visit: Visit, times: object): object {
  const durationMs = visit.endMs - visit.startMs;
  const bucket = DURATION_BOUNDS.findIndex((bound) => durationMs <= bound);
  const bucketCounts = Array.from({ length: DURATION_BOUNDS.length + 1 }, () => '0');
  bucketCounts[bucket === -1 ? DURATION_BOUNDS.length : bucket] = '1';
  return {
    ...times,
    count: '1',
    sum: durationMs,
    min: durationMs,
    max: durationMs,
    bucketCounts,
    explicitBounds: DURATION_BOUNDS,
    attributes: attributes({ 'http.route': visit.request.route }),
    exemplars: [
      {
        timeUnixNano: unixNano(visit.endMs),
        asDouble: durationMs,
        traceId: visit.traceId,
        spanId: visit.spanIds[0],
        filteredAttributes: [],
      },
    ],
  };
}

function tokenCounts({ agent }: Visit, times: object): object[] {
  return [['input', agent?.inputTokens ?? 0] as const, ['output', agent?.outputTokens ?? 0] as const].map(
    ([kind, tokens]) => ({
      ...times,
      asInt: String(tokens),
      attributes: attributes({ 'gen_ai.token.type': kind, 'gen_ai.request.model': agent?.model ?? '' }),
    }),
  );
}
