import { stripVTControlCharacters } from 'node:util';
import type { Paint } from '../paint.ts';
import { byteText } from '../table.ts';
import type { TopModel, TopRow } from './top-model.ts';

/** How rows are ordered. */
export const SORTS = ['pipeline', 'rate', 'cpu', 'errors'] as const;

export type TopSort = (typeof SORTS)[number];

export interface FrameSettings {
  readonly columns: number;
  /** Lines that there are; rows around the selected one are shown. */
  readonly lines: number;
  readonly sort: TopSort;
  /** Index into {@link sortedRows}; undefined where nothing can be selected. */
  readonly selected?: number;
}

/** The rows in the order in which they are shown. */
export function sortedRows({ rows }: TopModel, sort: TopSort): readonly TopRow[] {
  if (sort === 'pipeline') return rows;
  const value = VALUES[sort];
  return rows.toSorted((a, b) => value(b) - value(a));
}

const VALUES: Readonly<Record<Exclude<TopSort, 'pipeline'>, (row: TopRow) => number>> = {
  rate: ({ inPerSecond, outPerSecond }) => Math.max(inPerSecond ?? 0, outPerSecond ?? 0),
  cpu: ({ cpu }) => cpu,
  errors: ({ errorsPerSecond, errors }) => errorsPerSecond * 1e12 + errors,
};

/** A frame, line by line, none longer than the terminal is wide. */
export function frameLines(model: TopModel, settings: FrameSettings, paint: Paint): string[] {
  const head = headLines(model, paint);
  const foot = settings.selected === undefined ? [] : [footLine(settings.sort, paint)];
  const body = bodyLines(model, settings, paint);
  const room = settings.lines - head.length - foot.length - 2;
  const [heading, ...rows] = body.lines;
  const shown = windowOf(rows, body.selectedLine, Math.max(1, room));
  return [...head, '', heading, ...shown, ...foot].map((line) => clipped(line, settings.columns));
}

function headLines(model: TopModel, paint: Paint): string[] {
  const { version, pid, uptimeMs, ready, threads, poolUse, waiting, workersLost, taskMs } = model;
  const state = ready ? paint.green('● running') : paint.yellow('○ not ready');
  const pool = threads === 0 ? 'main thread' : `${threads} worker${threads === 1 ? '' : 's'}`;
  const lost = workersLost === 0 ? '' : paint.red(`, ${workersLost} lost`);
  const errors = `errors ${rateText(model.errorsPerSecond)}/s`;
  const parts = [
    [
      `${paint.bold('millrace')} ${version}`,
      `pid ${pid}`,
      `up ${durationText(uptimeMs)}`,
      state,
      reloadText(model, paint),
    ],
    [
      `in ${paint.bold(rateText(model.inPerSecond))}/s`,
      `out ${paint.bold(rateText(model.outPerSecond))}/s`,
      model.errorsPerSecond > 0 ? paint.red(errors) : errors,
      `in flight ${byteText(model.bytesInFlight)} of ${byteText(model.bytesInFlightMax)}`,
    ],
    [
      `CPU ${percent(model.cpu)}`,
      `RSS ${byteText(model.rssBytes)}`,
      `${pool} ${percent(poolUse)} busy, ${waiting} waiting${lost}`,
      ...(taskMs === undefined ? [] : [`task ${msText(taskMs)}`]),
    ],
  ];
  return parts.map((line) => line.filter((part) => part !== '').join(paint.dim('  ·  ')));
}

function reloadText({ lastReload }: TopModel, paint: Paint): string {
  if (lastReload === undefined) return '';
  const at = new Date(lastReload.atMs).toISOString().slice(11, 19);
  return lastReload.error === undefined ? paint.dim(`reloaded ${at}Z`) : paint.red(`reload failed ${at}Z`);
}

function footLine(sort: TopSort, paint: Paint): string {
  return paint.dim(`↑↓ select   t tap   s sort (${sort})   q quit`);
}

const HEADINGS = ['IN/s', 'OUT/s', 'ERR/s', 'ERRORS', 'QUEUE', 'LATENCY', 'CPU'];
const NAME_COLUMNS_MIN = 24;

function bodyLines(
  model: TopModel,
  { sort, selected }: FrameSettings,
  paint: Paint,
): { readonly lines: readonly string[]; readonly selectedLine: number } {
  const rows = sortedRows(model, sort);
  const names = rows.map((row) => (sort === 'pipeline' ? `  ${row.id}` : `${row.pipeline}: ${row.id}`));
  const cells = rows.map(cellsOf);
  const nameColumns = Math.max(NAME_COLUMNS_MIN, ...names.map((name) => name.length));
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...cells.map((row) => row[column].length)));
  const heading = HEADINGS.map((text, column) => text.padStart(widths[column])).join('  ');
  const lines = [paint.dim(`${'COMPONENT'.padEnd(nameColumns)}  ${'KIND'.padEnd(KIND_COLUMNS)}  ${heading}  STATUS`)];
  let selectedLine = 0;
  let pipeline = '';
  for (const [index, row] of rows.entries()) {
    if (sort === 'pipeline' && row.pipeline !== pipeline) {
      pipeline = row.pipeline;
      lines.push(paint.bold(pipeline));
    }
    const numbers = cells[index].map((text, column) => text.padStart(widths[column])).join('  ');
    const plain = `${names[index].padEnd(nameColumns)}  ${row.kind.padEnd(KIND_COLUMNS)}  ${numbers}  `;
    const isSelected = index === selected;
    if (isSelected) selectedLine = lines.length - 1;
    const text = row.errorsPerSecond > 0 ? paint.red(plain) : plain;
    lines.push(`${isSelected ? inverse(plain) : text}${statusText(row, paint)}`);
  }
  return { lines, selectedLine };
}

const KIND_COLUMNS = 'processor'.length;

function cellsOf(row: TopRow): string[] {
  const { inPerSecond, outPerSecond, errorsPerSecond, errors, queue, latencyMs, cpu } = row;
  return [
    inPerSecond === undefined ? '' : rateText(inPerSecond),
    outPerSecond === undefined ? '' : rateText(outPerSecond),
    rateText(errorsPerSecond),
    errors.toLocaleString('en'),
    queue === undefined ? '' : `${queue.size.toLocaleString('en')}/${queue.capacity.toLocaleString('en')}`,
    latencyMs === undefined ? '' : msText(latencyMs),
    percent(cpu),
  ];
}

function statusText({ status, message }: TopRow, paint: Paint): string {
  if (status === undefined) return '';
  if (status === 'ok') return paint.green('ok');
  // A message is anybody's text, and may be long.
  const text = message === undefined ? status : `${status}: ${message.replaceAll(/\p{Cc}+/gu, ' ')}`;
  return status.endsWith('_error') ? paint.red(text) : paint.yellow(text);
}

/** So many lines around the one that must be seen. */
function windowOf(lines: readonly string[], mustSee: number, room: number): readonly string[] {
  if (lines.length <= room) return lines;
  const start = Math.min(Math.max(0, mustSee - Math.floor(room / 2)), lines.length - room);
  return lines.slice(start, start + room);
}

function inverse(text: string): string {
  return `\u001B[7m${text}\u001B[27m`;
}

const ESCAPE = String.fromCharCode(0x1b);
const COLOUR = new RegExp(String.raw`(${ESCAPE}\[[0-9;]*m)`);

/** Cuts what is visible to so many characters; colours end with the line. */
function clipped(line: string, columns: number): string {
  if (stripVTControlCharacters(line).length <= columns) return line;
  let visible = 0;
  let out = '';
  for (const part of line.split(COLOUR)) {
    if (part.startsWith(ESCAPE)) out += part;
    else {
      out += part.slice(0, columns - visible);
      visible += Math.min(part.length, columns - visible);
    }
  }
  return out;
}

function rateText(perSecond: number): string {
  if (perSecond > 0 && perSecond < 9.95) return perSecond.toFixed(1);
  return Math.round(perSecond).toLocaleString('en');
}

function msText(ms: number): string {
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  return ms < 10_000 ? `${Math.round(ms).toLocaleString('en')} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)}%`;
}

function durationText(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days}d ${hours}h`;
  if (hours > 0) return `${hours}h ${minutes}m`;
  return minutes > 0 ? `${minutes}m ${seconds % 60}s` : `${seconds}s`;
}
