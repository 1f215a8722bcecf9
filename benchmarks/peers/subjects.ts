import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { freshBundle } from '../../scripts/bundle/fresh-bundle.mjs';
import { MeasuredProcess } from '../pipeline/measured-process.ts';
import { COLLECTOR_BINARY } from './install.ts';
import type { Scenario } from './scenarios.ts';

const here = import.meta.dirname;
const root = path.join(here, '../..');

/** Addresses that the configurations name by environment variables. */
export interface Ports {
  readonly http: number;
  readonly grpc: number;
  readonly sinkHttp: number;
  readonly sinkGrpc: number;
}

/** A program that runs scenarios. */
export interface Subject {
  readonly name: string;
  readonly version: string;
  /** Why it does not run this one; undefined where it does. */
  lacks(scenario: Scenario): string | undefined;
  start(scenario: Scenario, ports: Ports): MeasuredProcess;
}

export interface MillraceSettings {
  /** Threads of the pool; 0 is inline. */
  readonly threads: number;
  readonly name?: string;
  /** The checkout that is run. Default: this one. */
  readonly folder?: string;
}

export function millrace({ threads, name, folder = root }: MillraceSettings): Subject {
  const described = capture('git', ['-C', folder, 'describe', '--always', '--dirty'])?.trim() ?? 'no git';
  const cli = cliOf(folder);
  return {
    name: name ?? `Millrace, ${threads === 0 ? 'inline' : `${threads} worker${threads === 1 ? '' : 's'}`}`,
    version: `${described}, Node ${process.versions.node}`,
    lacks: () => undefined,
    start: (scenario, ports) => {
      const set = `service.workers.threads=${threads}`;
      return new MeasuredProcess([cli, 'run', '--config', configOf(scenario), '--set', set], {
        env: environment(scenario, ports),
      });
    },
  };
}

/** As it is installed; a checkout that is older than bundles runs its sources. */
function cliOf(folder: string): string {
  const isBundled = existsSync(path.join(folder, 'scripts/bundle/bundle.ts'));
  return isBundled ? freshBundle(folder) : path.join(folder, 'packages/millrace/bin/millrace.mjs');
}

/** The Go Collector, with as many threads for Go code as Millrace has for JavaScript. */
export function collector(procs: number): Subject {
  return {
    name: `Collector, GOMAXPROCS=${procs}`,
    version: collectorVersion() ?? 'not installed',
    lacks: () => undefined,
    start: (scenario, ports) =>
      new MeasuredProcess(['--config', configOf(scenario)], {
        command: COLLECTOR_BINARY,
        env: { ...environment(scenario, ports), GOMAXPROCS: String(procs) },
      }),
  };
}

/** Programs with configurations of their own, where their binary is named: for orientation, plain forwarding only. */
export function otherPeers(): readonly Subject[] {
  const peers = [
    { name: 'Fluent Bit', variable: 'FLUENT_BIT_BIN', config: 'forward.fluent-bit.yaml', flag: '-c' },
    { name: 'Vector', variable: 'VECTOR_BIN', config: 'forward.vector.yaml', flag: '-c' },
  ];
  return peers.flatMap(({ name, variable, config, flag }) => {
    const command = process.env[variable];
    if (command === undefined || command === '') return [];
    const file = path.join(here, 'scenarios', config);
    return [
      {
        name,
        version: capture(command, ['--version'])?.split('\n', 1)[0] ?? 'unknown',
        lacks: ({ config: wanted, protocol, compression, generator }: Scenario) =>
          wanted === 'forward' && protocol === 'http' && compression === 'none' && generator === 'load'
            ? undefined
            : 'only plain forwarding over HTTP is set up for it',
        start: (scenario: Scenario, ports: Ports) =>
          new MeasuredProcess([flag, file], { command, env: environment(scenario, ports) }),
      },
    ];
  });
}

/** The version that the installed Collector says it has; undefined where there is none. */
function collectorVersion(): string | undefined {
  return existsSync(COLLECTOR_BINARY) ? capture(COLLECTOR_BINARY, ['--version'])?.trim() : undefined;
}

function configOf({ config }: Scenario): string {
  return path.join(here, 'scenarios', `${config}.yaml`);
}

function environment({ protocol, compression }: Scenario, ports: Ports): Record<string, string> {
  return {
    PEER_HTTP_PORT: String(ports.http),
    PEER_GRPC_PORT: String(ports.grpc),
    PEER_SINK_HTTP: `127.0.0.1:${ports.sinkHttp}`,
    PEER_SINK_HTTP_PORT: String(ports.sinkHttp),
    PEER_SINK_GRPC: `127.0.0.1:${ports.sinkGrpc}`,
    PEER_EXPORTER: protocol === 'grpc' ? 'otlp' : 'otlphttp',
    PEER_COMPRESSION: compression,
  };
}

/** What a command prints; undefined where it cannot be run. */
function capture(command: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}
