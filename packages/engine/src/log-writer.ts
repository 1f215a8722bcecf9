import type { LogFields, Logger } from '@millrace/api';
import { hideSecrets } from './hide-secrets.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Where and how the collector writes its own log. */
export interface LogSettings {
  readonly level: LogLevel;
  /** `json`: one object a line; `console`: for people. */
  readonly encoding: 'json' | 'console';
  /** On every line. */
  readonly fields: LogFields;
  /** Values that are never written, whoever passes them in. */
  readonly secrets?: ReadonlySet<string>;
  /** Takes whole lines, each with its line end. */
  write(line: string): void;
  now(): number;
}

/** A logger whose lines carry `settings.fields`. Values are cut at 2,000 characters, so that no payload slips in. */
export function createLogger(settings: LogSettings): Logger {
  const render = settings.encoding === 'json' ? jsonLine : consoleLine;
  const hide = hideSecrets(settings.secrets ?? []);
  const withoutSecrets = (value: unknown): unknown => {
    if (value instanceof Error) return hide(value.message);
    return typeof value === 'string' ? hide(value) : value;
  };
  const log = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (RANK[level] < RANK[settings.level]) return;
    // Texts before they are cut and quoted, which would leave a part of a secret; and the line for what lies deeper.
    const texts = Object.entries({ ...settings.fields, ...fields }).map(([name, value]) => [
      name,
      withoutSecrets(value),
    ]);
    const line = render(level, settings.now(), hide(message), Object.fromEntries(texts) as LogFields);
    settings.write(hide(line));
  };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

/** The same logger with more fields on every line. */
export function withFields(logger: Logger, fields: LogFields): Logger {
  const add = (more?: LogFields) => (more === undefined ? fields : { ...fields, ...more });
  return {
    debug: (message, more) => logger.debug(message, add(more)),
    info: (message, more) => logger.info(message, add(more)),
    warn: (message, more) => logger.warn(message, add(more)),
    error: (message, more) => logger.error(message, add(more)),
  };
}

function jsonLine(level: LogLevel, now: number, message: string, fields: LogFields): string {
  const line: Record<string, unknown> = { level, ts: new Date(now).toISOString(), msg: message };
  for (const [name, value] of Object.entries(fields)) line[name] = loggable(value);
  return `${JSON.stringify(line)}\n`;
}

function consoleLine(level: LogLevel, now: number, message: string, fields: LogFields): string {
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${text(loggable(value))}`)
    .join(' ');
  return `${new Date(now).toISOString().slice(11, 23)} ${level.padEnd(5)} ${message}${rest === '' ? '' : `  ${rest}`}\n`;
}

const VALUE_CHARACTERS_MAX = 2_000;

function loggable(value: unknown): unknown {
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'object' ? printable(value) : value;
}

/** Logging must not fail, whatever is logged. */
function printable(value: object | null): unknown {
  try {
    JSON.stringify(value);
    return value;
  } catch {
    return '[not printable]';
  }
}

function cut(value: string): string {
  return value.length > VALUE_CHARACTERS_MAX ? `${value.slice(0, VALUE_CHARACTERS_MAX)}…` : value;
}

function text(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
}
