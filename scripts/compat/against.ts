import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Verdict } from './check-config.ts';
import type { FoundConfig } from './find-configs.ts';
import { placeholderFor, unsetVariables } from './placeholders.ts';

/** What a build of the Collector says of a configuration. */
export interface PeerVerdict {
  /** Undefined where it cannot tell: a component is not in this build, or a file that is meant is not here. */
  readonly accepts: boolean | undefined;
  /** Why not; empty where it accepts. */
  readonly message: string;
}

/** Where the two do not agree, and how often they do. */
export interface Disagreements {
  readonly agreed: number;
  /** The Collector's build could not tell. */
  readonly unknown: number;
  readonly onlyCollector: readonly { readonly name: string; readonly ours: string }[];
  readonly onlyHere: readonly { readonly name: string; readonly theirs: string }[];
}

const TIMEOUT_MS = 20_000;
/** What says nothing about the configuration itself. */
const NOT_ITS_FAULT = /unknown type|no such file or directory|invalid uri: "env:|retrieve/i;

/** Runs the Collector's own `validate`, with the same stand-ins for variables that are not set as ours gets. */
export async function askCollector(binary: string, { text }: FoundConfig): Promise<PeerVerdict> {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-compat-'));
  const file = path.join(folder, 'config.yaml');
  writeFileSync(file, text);
  const standIns = Object.fromEntries([...unsetVariables(text)].map((name) => [name, placeholderFor(name)]));
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...standIns };
  try {
    return await new Promise((resolve) => {
      execFile(binary, ['validate', '--config', file], { env, timeout: TIMEOUT_MS }, (error, _out, stderr) => {
        const message = stderr.trim();
        if (error === null) resolve({ accepts: true, message: '' });
        else resolve({ accepts: NOT_ITS_FAULT.test(message) ? undefined : false, message });
      });
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Lays our verdicts beside the Collector's, in the same order. */
export function disagreements(ours: readonly Verdict[], theirs: readonly PeerVerdict[]): Disagreements {
  const pairs = ours.map((verdict, i) => ({ ...verdict, peer: theirs[i] }));
  const known = pairs.filter(({ peer }) => peer.accepts !== undefined);
  const differs = known.filter(({ obstacles, peer }) => peer.accepts !== (obstacles.length === 0));
  return {
    agreed: known.length - differs.length,
    unknown: pairs.length - known.length,
    onlyCollector: differs
      .filter(({ peer }) => peer.accepts === true)
      .map(({ name, obstacles }) => ({ name, ours: obstacles.map(({ message }) => message).join('\n') })),
    onlyHere: differs
      .filter(({ peer }) => peer.accepts === false)
      .map(({ name, peer }) => ({ name, theirs: peer.message })),
  };
}

export function formatDisagreements({ agreed, unknown, onlyCollector, onlyHere }: Disagreements): string {
  const indented = (text: string) => text.replace(/^/gm, '  ');
  return [
    ...onlyCollector.flatMap(({ name, ours }) => [`${name}: only the Collector accepts it; here:`, indented(ours)]),
    ...onlyHere.flatMap(({ name, theirs }) => [`${name}: only Millrace accepts it; the Collector:`, indented(theirs)]),
    '',
    `${agreed} agreed on, ${onlyCollector.length} only the Collector accepts, ${onlyHere.length} only Millrace accepts`,
    ...(unknown === 0
      ? []
      : [`${unknown} that this build of the Collector cannot tell: it lacks a component or a file`]),
  ].join('\n');
}
