import type { IncomingMessage, ServerResponse } from 'node:http';
import { ComponentError } from '@millrace/api';
import type { Collector, ObservationLimits, ReloadReport } from '@millrace/engine';
import { controlErrorOf } from './control-error.ts';
import { graphOf, statusOf } from './control-status.ts';
import { LineStream } from './line-stream.ts';
import { type TapEncoding, tapMessage } from './tap-message.ts';

/** What the routes act on. */
export interface ControlTarget {
  readonly collector: Collector;
  /** Takes the configuration up again, as SIGHUP does. Rejects with why the old one stays in effect. */
  readonly reload?: () => Promise<ReloadReport>;
  /** Only says whether a reload would be refused. */
  readonly checkReload?: () => Promise<ReloadCheck>;
}

/** What a reload would do. */
export interface ReloadCheck {
  /** Settings that only a restart can change; a reload would be refused for them. */
  readonly restartNeeds: readonly string[];
}

const HELP = `Control of a running collector.

GET  /status                    how it is doing
GET  /status/stream?interval_ms=1000  the same again and again, one JSON object a line
GET  /graph                     its pipelines, and what can be tapped
GET  /tap?name=batch            live telemetry, one JSON object a line; personal data is not hidden
       &sample=10                 every tenth worker task
       &bytes=65536               most bytes of one batch, before and after each
       &encoding=json|proto       OTLP/JSON, or OTLP protobuf in base64
GET  /reload                    how the last reload ended
POST /reload                    take the configuration up again; with ?check=true only say what would keep it from that
`;

/** Answers one request. */
export async function answer(request: IncomingMessage, response: ServerResponse, target: ControlTarget): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://control');
  const route = `${request.method} ${url.pathname}`;
  request.resume();
  try {
    switch (route) {
      case 'GET /':
        response.writeHead(200, { 'content-type': 'text/plain' }).end(HELP);
        return;
      case 'GET /status':
        json(response, 200, statusOf(target.collector));
        return;
      case 'GET /status/stream':
        streamStatus(response, url.searchParams, target.collector);
        return;
      case 'GET /graph':
        json(response, 200, graphOf(target.collector));
        return;
      case 'GET /tap':
        streamTap(response, url.searchParams, target.collector);
        return;
      case 'GET /reload':
        json(response, 200, target.collector.lastReload ?? null);
        return;
      case 'POST /reload':
        json(response, 200, await reload(url.searchParams, target));
        return;
      default:
        json(response, 404, { code: 'NO_ROUTE', message: `there is no ${route}`, remedy: 'GET / lists what there is' });
    }
  } catch (error) {
    json(response, 422, controlErrorOf(error));
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function reload(params: URLSearchParams, { reload, checkReload }: ControlTarget): Promise<ReloadReport | ReloadCheck> {
  const work = params.get('check') === 'true' ? checkReload : reload;
  if (work !== undefined) return work();
  throw new ComponentError('this collector runs inside a program, which alone can reload it', { code: 'NO_RELOAD' });
}

const INTERVAL_MS = { default: 1_000, min: 100, max: 60_000 };

function streamStatus(response: ServerResponse, params: URLSearchParams, collector: Collector): void {
  const intervalMs = numberOf(params, 'interval_ms', INTERVAL_MS);
  const lines = new LineStream(response);
  const tell = () => void lines.write(statusOf(collector));
  tell();
  const timer = setInterval(tell, intervalMs);
  timer.unref();
  lines.onEnd(() => clearInterval(timer));
}

const SAMPLE = { default: 1, min: 1, max: 1_000_000 };
const BYTES = { default: 64 * 1024, min: 256, max: 1024 * 1024 };
/** Enough for people to look at, and little beside what the collector does anyway. */
const BYTES_PER_SECOND = 8 * 1024 * 1024;

function streamTap(response: ServerResponse, params: URLSearchParams, collector: Collector): void {
  const encoding = encodingOf(params);
  const limits: ObservationLimits = {
    sampleEvery: numberOf(params, 'sample', SAMPLE),
    bytesMax: numberOf(params, 'bytes', BYTES),
    bytesPerSecondMax: BYTES_PER_SECOND,
  };
  let lines: LineStream | undefined;
  let skipped = 0;
  const stop = collector.observe(params.get('name') ?? undefined, limits, (observed) => {
    if (observed.isDiscarded || lines === undefined) return;
    skipped = lines.write(tapMessage(observed, encoding, skipped)) ? 0 : skipped + 1 + observed.skipped;
  });
  lines = new LineStream(response);
  lines.onEnd(stop);
}

function encodingOf(params: URLSearchParams): TapEncoding {
  const encoding = params.get('encoding') ?? 'json';
  if (encoding === 'json' || encoding === 'proto') return encoding;
  throw new ComponentError(`encoding is "${encoding}"`, { code: 'BAD_PARAMETER', remedy: 'use json or proto' });
}

function numberOf(
  params: URLSearchParams,
  name: string,
  range: { readonly default: number; readonly min: number; readonly max: number },
): number {
  const text = params.get(name);
  if (text === null) return range.default;
  const value = Number(text);
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return value;
  throw new ComponentError(`${name} is "${text}"`, {
    code: 'BAD_PARAMETER',
    remedy: `use a whole number from ${range.min} to ${range.max}`,
  });
}
