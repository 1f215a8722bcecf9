import path from 'node:path';
import { messageOf, readErrorText } from '@millrace/api';
import { type ConfigNode, toPlain } from '@millrace/config';
import { readShortRecords, type RecordSignal } from '@millrace/records';
import type { NodeReader } from '../node-reader.ts';
import { requestOf, requestsOfJson } from './otlp-json.ts';
import type { Payload } from './payload.ts';

/** Keys of a map that say what is sent. */
export const PAYLOAD_KEYS = ['logs', 'traces', 'metrics', 'otlp', 'file'] as const;

export type PayloadNodes = Partial<Record<(typeof PAYLOAD_KEYS)[number], ConfigNode>>;

/** Where files are read from. */
export interface Folder {
  readonly dir: string;
  readonly readFile: (path: string) => Promise<string>;
}

/** Telemetry in the short form by signal, as OTLP/JSON, or in a file of OTLP/JSON. */
export async function readPayloads(nodes: PayloadNodes, folder: Folder, reader: NodeReader): Promise<Payload[]> {
  const payloads: Payload[] = [];
  for (const signal of ['logs', 'traces', 'metrics'] as const satisfies readonly RecordSignal[]) {
    const node = nodes[signal];
    if (node !== undefined) payloads.push({ signal, records: readShortRecords(node, signal, reader.problems) });
  }
  const { otlp, file } = nodes;
  if (otlp !== undefined) payloads.push(...readInline(otlp, reader));
  for (const { text, origin } of reader.texts(file, 'the path of a file')) {
    try {
      payloads.push(...requestsOfJson(await folder.readFile(path.resolve(folder.dir, text))));
    } catch (error) {
      const message = `cannot use the file "${text}": ${readErrorText(error)}`;
      reader.problems.error({ code: 'INPUT_FILE', origin, message, remedy: 'it must hold OTLP/JSON requests' });
    }
  }
  return payloads;
}

function readInline(node: ConfigNode, reader: NodeReader): Payload[] {
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => {
    if (reader.map(item, 'an OTLP export request as OTLP/JSON has it') === undefined) return [];
    try {
      return [requestOf(toPlain(item))];
    } catch (error) {
      reader.problems.error({ code: 'OTLP_JSON', origin: item.origin, message: messageOf(error) });
      return [];
    }
  });
}
