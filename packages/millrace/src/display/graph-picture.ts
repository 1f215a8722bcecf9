import type { PipelineOverview } from '@millrace/engine';
import type { Paint } from './paint.ts';

/** One line for each pipeline: `logs  otlp, demo ─▶ batch ─▶ file`. */
export function pipelineLines(pipelines: readonly PipelineOverview[], paint: Paint): string[] {
  const width = Math.max(...pipelines.map(({ id }) => id.length));
  return pipelines.map(({ id, receivers, processors, exporters }) => {
    const stops = [receivers.join(', '), ...processors, exporters.join(', ')];
    return `${paint.bold(id.padEnd(width))}  ${stops.join(paint.dim(' ─▶ '))}`;
  });
}

/** What an acknowledgement means, in words, with what to change for a stronger one. */
export function guaranteeText(pipeline: PipelineOverview): string {
  const { guarantee, storedBy, deliveredBy, givenUpBy } = pipeline;
  if (guarantee === 'memory') return memoryText(pipeline);
  const limits = [...givenUpBy].map(([id, ms]) => {
    return `; ${id} gives up after ${ms / 1000} s of failures: set retry_on_failure.max_elapsed_time: 0, or dead_letter`;
  });
  if (storedBy.length === 0) return 'at least once: acknowledged when delivered';
  if (deliveredBy.length === 0) return `at least once: sealed to disk before it is acknowledged${limits.join('')}`;
  const both = `sealed to disk (${storedBy.join(', ')}) or delivered (${deliveredBy.join(', ')})`;
  return `at least once: ${both} before it is acknowledged${limits.join('')}`;
}

function memoryText({ weakenedBy, strengthenedBy }: PipelineOverview): string {
  const queues = [...weakenedBy].filter(([, weakness]) => weakness === 'memory_queue').map(([id]) => id);
  const others = [...weakenedBy.keys()].filter((id) => !queues.includes(id) && !strengthenedBy.has(id));
  const reasons = [
    ...(queues.length === 0
      ? []
      : [
          `in ${queues.join(', ')}, sending_queue.storage seals it to disk first, and sending_queue.wait_for_result: true waits for delivery`,
        ]),
    ...[...strengthenedBy].map(([id, setting]) => `${id} lacks ${setting}`),
    ...(others.length === 0 ? [] : [`${others.join(', ')} may hold data in memory`]),
  ];
  return `in memory: lost on a crash (${reasons.join('; ')})`;
}

/** A Mermaid flowchart of all pipelines (https://mermaid.js.org/syntax/flowchart.html). */
export function mermaid(pipelines: readonly PipelineOverview[], connectors: ReadonlySet<string>): string {
  const lines = ['flowchart LR'];
  const edges: string[] = [];
  const leftovers = new Set<string>();
  for (const { id, receivers, processors, exporters, deadLetters } of pipelines) {
    lines.push(`  subgraph ${nodeName('pipeline', id)}["${id}"]`);
    lines.push('    direction LR');
    for (const processor of processors) {
      lines.push(`    ${nodeName(`${id}:processor`, processor)}["${processor}"]`);
    }
    if (processors.length === 0) lines.push(`    ${nodeName(id, 'through')}[" "]`);
    lines.push('  end');
    const inside =
      processors.length === 0
        ? [nodeName(id, 'through')]
        : processors.map((processor) => nodeName(`${id}:processor`, processor));
    for (let index = 1; index < inside.length; index++) edges.push(`  ${inside[index - 1]} --> ${inside[index]}`);
    for (const receiver of receivers) edges.push(`  ${outer('receiver', receiver, connectors)} --> ${inside[0]}`);
    for (const exporter of exporters) edges.push(`  ${inside.at(-1)} --> ${outer('exporter', exporter, connectors)}`);
    for (const [exporter, place] of deadLetters) {
      const from = outer('exporter', exporter, connectors);
      leftovers.add(
        `  ${from} -. dead letter .-> ${outer(isPath(place) ? 'directory' : 'exporter', place, connectors)}`,
      );
    }
  }
  edges.push(...leftovers);
  return `${[...lines, ...edges].join('\n')}\n`;
}

/** A tree for the terminal: pipelines, their components, and what each acknowledgement means. */
export function pipelineTree(pipelines: readonly PipelineOverview[], paint: Paint): string {
  const lines: string[] = [];
  for (const pipeline of pipelines) {
    lines.push(`${paint.bold(pipeline.id)}  ${paint.dim(guaranteeText(pipeline))}`);
    const rows = [
      ...pipeline.receivers.map((id) => ['receiver', id]),
      ...pipeline.processors.map((id) => ['processor', id]),
      ...pipeline.exporters.map((id) => ['exporter', `${id}${leftTo(pipeline.deadLetters.get(id), paint)}`]),
      ...(pipeline.stepsDeadLetter === undefined ? [] : [['steps', leftTo(pipeline.stepsDeadLetter, paint).trim()]]),
    ];
    rows.forEach(([role = '', id = ''], index) => {
      lines.push(`${index === rows.length - 1 ? '└─' : '├─'} ${paint.dim(role.padEnd(9))} ${id}`);
    });
    lines.push('');
  }
  return lines.join('\n');
}

function leftTo(place: string | undefined, paint: Paint): string {
  return place === undefined ? '' : `  ${paint.dim('dead letter ─▶')} ${place}`;
}

function isPath(place: string): boolean {
  return place.startsWith('/');
}

function outer(role: string, id: string, connectors: ReadonlySet<string>): string {
  return connectors.has(id) ? `${nodeName('connector', id)}{{"${id}"}}` : `${nodeName(role, id)}(["${id}"])`;
}

function nodeName(scope: string, id: string): string {
  return `${scope}_${id}`.replaceAll(/\W/g, '_');
}
