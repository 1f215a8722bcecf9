import type { Encoder, OpenBatch, Signal, StepTools } from '@millrace/api';
import { LogsBatch, MetricsBatch, TracesBatch, WireReader } from '@millrace/otlp';
import type { FileExporterConfig } from './config.ts';
import { FileEncoder, type FormSettings } from './file-encoder.ts';
import { joinGroups, type Group } from './group-envelope.ts';

/** Takes a batch apart by an attribute of its resources, and encodes each group for the file that it goes to. */
export class GroupedEncoder implements Encoder {
  readonly #encoder: FileEncoder;
  readonly #attribute: string;
  readonly #tools: StepTools;

  constructor(settings: FormSettings & Pick<FileExporterConfig, 'group_by'>, tools: StepTools) {
    this.#encoder = new FileEncoder(settings);
    this.#attribute = settings.group_by.resource_attribute;
    this.#tools = tools;
  }

  encode({ signal, chunks }: OpenBatch): Uint8Array {
    const requests = new Map<string, Uint8Array[]>();
    let dropped = 0;
    for (const chunk of chunks) dropped += this.#sort(signal, chunk, requests);
    if (dropped > 0) this.#tools.count('exporter_file_resources_without_group', dropped);
    const groups: Group[] = [];
    for (const [name, ofGroup] of requests) {
      // The next call of the encoder reuses its memory.
      groups.push({ name, bytes: Uint8Array.from(this.#encoder.encode({ signal, chunks: ofGroup })) });
    }
    return joinGroups(groups);
  }

  /** Adds a request to each group that occurs in `chunk`; returns how many resources belong to none. */
  #sort(signal: Signal, chunk: Uint8Array, requests: Map<string, Uint8Array[]>): number {
    const { resources, rest } = fieldsOf(chunk);
    const parts = new Map<string, Uint8Array[]>();
    let dropped = 0;
    for (const resource of resources) {
      const name = groupOf(signal, resource, this.#attribute);
      if (name === undefined) dropped++;
      else parts.set(name, [...(parts.get(name) ?? []), resource]);
    }
    for (const [name, ofGroup] of parts) {
      const request = Uint8Array.from(Buffer.concat([...ofGroup, ...rest]));
      requests.set(name, [...(requests.get(name) ?? []), request]);
    }
    return dropped;
  }
}

/**
 * A request's fields, each with its tag: those of one resource, which are requests by themselves, and what all share, such
 * as the dictionary of profiles.
 */
function fieldsOf(request: Uint8Array): { resources: Uint8Array[]; rest: Uint8Array[] } {
  const resources: Uint8Array[] = [];
  const rest: Uint8Array[] = [];
  const reader = new WireReader(request);
  while (!reader.done) {
    const start = reader.pos;
    const tag = reader.tag();
    reader.skip(tag);
    (tag === RESOURCE_TAG ? resources : rest).push(request.subarray(start, reader.pos));
  }
  return { resources, rest };
}

function groupOf(signal: Signal, resource: Uint8Array, attribute: string): string | undefined {
  // The header of all signals' resources is the same message under the same number; profiles have no views of their own.
  const batch =
    signal === 'traces'
      ? TracesBatch.of([resource])
      : signal === 'metrics'
        ? MetricsBatch.of([resource])
        : LogsBatch.of([resource]);
  for (const { attributes } of batch.resources) {
    const value = attributes.get(attribute);
    return typeof value === 'string' ? value : undefined;
  }
  return undefined;
}

const RESOURCE_TAG = 10;
