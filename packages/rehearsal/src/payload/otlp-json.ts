import type { Signal } from '@millrace/api';
import { InvalidMessage, jsonToProto } from '@millrace/otlp';

/** An OTLP export request with its signal. */
export interface OtlpRequest {
  readonly signal: Signal;
  readonly request: Uint8Array;
}

const SIGNAL_KEYS: readonly (readonly [key: string, signal: Signal])[] = [
  ['resourceLogs', 'logs'],
  ['resourceSpans', 'traces'],
  ['resourceMetrics', 'metrics'],
  ['resourceProfiles', 'profiles'],
];

/** The requests in OTLP/JSON text: one object, or one on each line. Throws an Error that says what is wrong. */
export function requestsOfJson(text: string): OtlpRequest[] {
  const whole = parsed(text);
  if (whole !== undefined) return [requestOf(whole, text)];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2) throw new Error('it is not valid JSON');
  return lines.map((line, index) => {
    const value = parsed(line);
    if (value === undefined) throw new Error(`line ${index + 1} is not valid JSON`);
    return requestOf(value, line);
  });
}

/** The request that an object of OTLP/JSON is. Throws an Error that says what is wrong. */
export function requestOf(value: unknown, text = JSON.stringify(value, bigintsAsText)): OtlpRequest {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const found = SIGNAL_KEYS.find(([key]) => keys.includes(key) || keys.includes(snakeCase(key)));
  if (found === undefined) {
    throw new Error(`it is no OTLP export request: it has none of ${SIGNAL_KEYS.map(([key]) => key).join(', ')}`);
  }
  const [, signal] = found;
  try {
    return { signal, request: jsonToProto(signal, text) };
  } catch (error) {
    if (error instanceof InvalidMessage) throw new Error(`it is no OTLP request: ${error.message}`, { cause: error });
    throw error;
  }
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
