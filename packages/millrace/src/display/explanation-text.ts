import { formatDuration } from '@millrace/config';
import { diffLines } from '@millrace/records';
import type { DestinationStory, Explanation, InputStory, PipelineStory, Remark, StepStory } from '@millrace/rehearsal';
import type { Paint } from './paint.ts';
import { byteText } from './table.ts';

/** Most lines of differences that are shown of one step. */
const LINES_MAX = 40;
/** Most characters of a payload that are shown. */
const PAYLOAD_MAX = 160;

/** What became of an input, for people. */
export function explanationText(explanation: Explanation, paint: Paint): string {
  const { inputs, pipelines, remarks, elapsedMs } = explanation;
  const lines = [
    ...inputs.map((input) => inputLine(input, paint)),
    ...pipelines.flatMap((pipeline) => ['', ...pipelineLines(pipeline, elapsedMs, paint)]),
    ...(pipelines.length === 0 ? ['', paint.yellow('no pipeline was reached')] : []),
    ...(remarks.length === 0 ? [] : ['', ...remarks.map((remark) => remarkLine(remark, paint))]),
  ];
  return `${lines.join('\n')}\n`;
}

function inputLine({ receiver, signal, items, answer, reason }: InputStory, paint: Paint): string {
  const said = {
    accepted: paint.green('accepted'),
    refused: paint.red(`refused: ${reason ?? ''}`),
    waiting: paint.yellow('not answered yet'),
  }[answer];
  return `${paint.bold(receiver)} takes ${counted(signal, items)}: ${said}`;
}

function pipelineLines(pipeline: PipelineStory, elapsedMs: number, paint: Paint): string[] {
  const { id, signal, items, atMs, times, receivers, steps, destinations } = pipeline;
  const when = atMs > 0 ? ` after ${formatDuration(atMs)}` : '';
  const often = times > 1 ? paint.dim(` (something comes ${times} times in ${formatDuration(elapsedMs)})`) : '';
  const names = [...steps.map(({ processor }) => processor), ...destinations.map(({ id }) => `→ ${id}`)];
  const width = Math.max(...names.map((name) => name.length));
  return [
    `${paint.bold(id)}  ${counted(signal, items)} from ${receivers.join(' or ')}${when}${often}`,
    ...steps.flatMap((step) => stepLines(step, { width, elapsedMs }, paint)),
    ...destinations.flatMap((destination) => destinationLines(destination, { width, signal }, paint)),
  ];
}

function stepLines(
  step: StepStory,
  { width, elapsedMs }: { width: number; elapsedMs: number },
  paint: Paint,
): string[] {
  const { processor, changes, before, after } = step;
  const head = `  ${processor.padEnd(width)}  ${outcomeOf(step, elapsedMs, paint)}`;
  if (step.itemsAfter === 0) return [head];
  const lines = diffLines(changes, { before, after }, paint);
  const rest = lines.length - LINES_MAX;
  const shown = lines.slice(0, LINES_MAX).map((line) => `      ${line}`);
  return [head, ...shown, ...(rest > 0 ? [paint.dim(`      and ${rest} more lines`)] : [])];
}

function outcomeOf(step: StepStory, elapsedMs: number, paint: Paint): string {
  const { isGate, isStateful, refusal, itemsBefore, itemsAfter, heldMs } = step;
  if (refusal !== undefined) return paint.red(`refused: ${refusal}`);
  if (itemsBefore === 0) return paint.dim('nothing came to it');
  if (isGate) return paint.dim('let in');
  if (itemsAfter === 0) {
    const within = isStateful ? `, or held for more than ${formatDuration(elapsedMs)}` : '';
    return paint.red(`dropped ${itemsBefore === 1 ? 'it' : `all ${itemsBefore}`}${within}`);
  }
  const count = (kind: StepStory['changes'][number]['kind']) =>
    step.changes.filter((each) => each.kind === kind).length;
  const [changed, dropped, added] = [count('changed'), count('dropped'), count('added')];
  const parts = [
    heldMs > 0 ? paint.yellow(`held ${formatDuration(heldMs)}`) : '',
    changed > 0 ? paint.yellow(`changed ${changed} of ${step.before.length}`) : '',
    dropped > 0 ? paint.red(`dropped ${dropped} of ${step.before.length}`) : '',
    added > 0 ? paint.green(`added ${added}`) : '',
  ].filter((part) => part !== '');
  if (changed + dropped + added === 0) parts.push(paint.dim('unchanged'));
  return parts.join(', ');
}

function destinationLines(
  { id, items, kind, place, payload, passes = [] }: DestinationStory,
  { width, signal }: { width: number; signal: PipelineStory['signal'] },
  paint: Paint,
): string[] {
  const name = `  ${`→ ${id}`.padEnd(width)}  `;
  if (items === 0) return [`${name}${paint.dim('nothing')}`];
  if (kind === 'connector') {
    const to = passes.map(({ pipeline, items: passed }) => (passed > 0 ? pipeline : paint.dim(`not ${pipeline}`)));
    return [`${name}${counted(signal, items)}, passed to ${to.join(', ')}`];
  }
  const where = place === undefined ? '' : ` to ${place}`;
  if (payload === undefined) return [`${name}${counted(signal, items)}${where}`];
  if (payload.error !== undefined) {
    return [`${name}${counted(signal, items)}${where}; ${paint.red(`cannot be encoded here: ${payload.error}`)}`];
  }
  const size = `${byteText(payload.bytes)}${payload.text === undefined ? '' : ' of text'}`;
  const head = `${name}${counted(signal, items)}${where}, ${size}`;
  return payload.text === undefined ? [head] : [head, paint.dim(`      ${shortened(payload.text)}`)];
}

function shortened(text: string): string {
  const line = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return line.length <= PAYLOAD_MAX ? line : `${line.slice(0, PAYLOAD_MAX)}…`;
}

function remarkLine({ level, component, message, fields }: Remark, paint: Paint): string {
  const details = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const loud = level === 'error' ? paint.red(level) : paint.yellow(level);
  return [loud, component, message, paint.dim(details.join(' '))].filter((part) => part !== '').join('  ');
}

const ITEMS = { logs: 'log record', traces: 'span', metrics: 'data point', profiles: 'profile' } as const;

function counted(signal: PipelineStory['signal'], count: number): string {
  return `${count} ${ITEMS[signal]}${count === 1 ? '' : 's'}`;
}
