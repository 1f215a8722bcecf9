import {
  countItems,
  LogsBatch,
  MetricsBatch,
  TracesBatch,
  type AnyValue,
  type AttributesView,
  type DataPointView,
  type LogRecordView,
  type Signal,
  type SpanView,
} from '@millrace/otlp';
import type { Paint } from '../../display/paint.ts';

/** Telemetry for people: a line for each log record, span and data point. Control characters are spelled out. */
export class RecordText {
  readonly #paint: Paint;
  /** The second that was printed last, since the Unix epoch. */
  #second = Number.NaN;
  #secondText = '';

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  *lines(signal: Signal, request: Uint8Array): Generator<string> {
    switch (signal) {
      case 'logs':
        for (const record of LogsBatch.of([request]).records) yield this.#logRecord(record);
        break;
      case 'traces':
        for (const span of TracesBatch.of([request]).spans) yield this.#span(span);
        break;
      case 'metrics':
        for (const point of MetricsBatch.of([request]).dataPoints) yield this.#dataPoint(point);
        break;
      default:
        yield `${countItems(signal, request)} samples of profiles (print them with --json)`;
    }
  }

  #logRecord(record: LogRecordView): string {
    const { timeUnixNano, observedTimeUnixNano, severityNumber, severityText, eventName } = record;
    const severity = severityText === '' ? severityName(severityNumber) : clean(severityText);
    return this.#join([
      this.#time(timeUnixNano === 0n ? observedTimeUnixNano : timeUnixNano),
      this.#severity(severity.padEnd(SEVERITY_COLUMNS), severityNumber),
      this.#service(record.resource.attributes),
      clean(eventName),
      textOf(record.body),
      this.#attributes(record.attributes),
    ]);
  }

  #span(span: SpanView): string {
    const ms = Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1_000_000;
    const failed = span.statusCode === STATUS_ERROR;
    return this.#join([
      this.#time(span.startTimeUnixNano),
      this.#service(span.resource.attributes),
      clean(span.name),
      `${ms.toFixed(3)}ms`,
      failed ? this.#paint.red(`ERROR ${clean(span.statusMessage)}`.trim()) : '',
      this.#paint.dim(`${span.traceId} ${span.spanId}${span.parentSpanId === '' ? '' : ` < ${span.parentSpanId}`}`),
      this.#attributes(span.attributes),
    ]);
  }

  #dataPoint(point: DataPointView): string {
    const { name, unit } = point.metric;
    return this.#join([
      this.#time(point.timeUnixNano),
      this.#service(point.resource.attributes),
      clean(name),
      `${valueOf(point)}${unit === '' || unit === '1' ? '' : ` ${clean(unit)}`}`,
      this.#attributes(point.attributes),
    ]);
  }

  #time(unixNano: bigint): string {
    if (unixNano === 0n) return this.#paint.dim('-'.padEnd(TIME_COLUMNS));
    const ms = Number(unixNano / 1_000_000n);
    return this.#paint.dim(ms > LAST_MS ? `${unixNano}ns` : this.#isoTime(ms));
  }

  /** Neighbours mostly share their second; making its text anew for each took a seventh of all time. */
  #isoTime(ms: number): string {
    const second = Math.floor(ms / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second * 1000).toISOString().slice(0, -'000Z'.length);
    }
    return `${this.#secondText}${String(ms - second * 1000).padStart(3, '0')}Z`;
  }

  #severity(text: string, number: number): string {
    if (number >= SEVERITY_ERROR) return this.#paint.red(text);
    return number >= SEVERITY_WARN ? this.#paint.yellow(text) : text;
  }

  #service(resource: AttributesView): string {
    const service = resource.get('service.name');
    return typeof service === 'string' ? this.#paint.bold(clean(service)) : '-';
  }

  #attributes(attributes: AttributesView): string {
    let text = '';
    for (const [key, value] of attributes) text += `${text === '' ? '' : ' '}${clean(key)}=${quoted(value)}`;
    return this.#paint.dim(text);
  }

  #join(parts: readonly string[]): string {
    return parts.filter((part) => part !== '' && part !== NOTHING_DIM).join('  ');
  }
}

function valueOf(point: DataPointView): string {
  switch (point.type) {
    case 'number':
      return String(point.value ?? 'no value');
    case 'summary': {
      let text = `count=${point.count} sum=${point.sum}`;
      for (const { quantile, value } of point.quantileValues) text += ` q${quantile}=${value}`;
      return text;
    }
    default: {
      const { count, sum, min, max } = point;
      const rest = [sum === undefined ? '' : ` sum=${sum}`, min === undefined ? '' : ` min=${min}`];
      return `count=${count}${rest.join('')}${max === undefined ? '' : ` max=${max}`}`;
    }
  }
}

/** `INFO`, `WARN2`: the names of the data model's severity numbers, four to each. */
function severityName(number: number): string {
  if (number < 1 || number > 24) return '-';
  const step = (number - 1) % 4;
  return `${SEVERITIES[Math.floor((number - 1) / 4)]}${step === 0 ? '' : step + 1}`;
}

/** A value, in quotes where its end would not show. */
function quoted(value: AnyValue): string {
  if (typeof value === 'string' && (value === '' || /[\s"=]/.test(value))) return clean(JSON.stringify(value));
  return textOf(value);
}

function textOf(value: AnyValue): string {
  if (typeof value === 'string') return clean(value);
  if (value === null) return '';
  if (value instanceof Uint8Array) return `base64:${Buffer.from(value).toString('base64')}`;
  return typeof value === 'object' ? clean(JSON.stringify(value, jsonOf)) : String(value);
}

function jsonOf(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}

/** Without what would end the line or command the terminal: what is logged comes from anywhere. */
function clean(text: string): string {
  return CONTROLS.test(text) ? text.replaceAll(ALL_CONTROLS, escape) : text;
}

function escape(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const ALL_CONTROLS = new RegExp(CONTROLS, 'g');
const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const SEVERITY_COLUMNS = 5;
const SEVERITY_WARN = 13;
const SEVERITY_ERROR = 17;
const STATUS_ERROR = 2;
const TIME_COLUMNS = 24;
/** The last millisecond that has a date. */
const LAST_MS = 8_640_000_000_000_000;
/** What dimming nothing leaves. */
const NOTHING_DIM = '\u001B[2m\u001B[22m';
