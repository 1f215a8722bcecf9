import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { DetectionSettings } from './detection-settings.ts';
import type { ServiceAnswers, ServiceName } from './services/service-detectors.ts';
import { waitForServices } from './services/wait-for-services.ts';

/** What detectors may look at; injected, so that tests can be other machines. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** As `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly arch: string;
  readonly uname: Uname;
  readonly process: ProcessFacts;
  hostname(): string;
  interfaces(): readonly NetworkInterface[];
  /** The text of a file; undefined when it cannot be read. */
  read(path: string): string | undefined;
  /** What services of the platform tell. Waits for them: not to be called at creation. */
  ask(services: readonly ServiceName[], settings: DetectionSettings): ServiceAnswers;
}

export interface Uname {
  /** `Linux`. */
  readonly system: string;
  /** `6.1.0-18-amd64`. */
  readonly release: string;
  /** `#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)`. */
  readonly version: string;
  /** `x86_64`. */
  readonly machine: string;
}

export interface ProcessFacts {
  readonly pid: number;
  readonly parentPid: number;
  readonly executable: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly owner: string | undefined;
  readonly runtimeVersion: string;
}

/** An interface that is up and no loopback. */
export interface NetworkInterface {
  readonly name: string;
  /** `02:42:ac:11:00:02`; all zeros where there is none. */
  readonly mac: string;
  readonly addresses: readonly string[];
}

/** The computer that this runs on. */
export function thisMachine(): Machine {
  return {
    env: process.env,
    platform: process.platform,
    arch: process.arch,
    uname: { system: os.type(), release: os.release(), version: os.version(), machine: os.machine() },
    process: {
      pid: process.pid,
      parentPid: process.ppid,
      executable: process.execPath,
      command: process.argv[0] ?? '',
      args: process.argv,
      owner: owner(),
      runtimeVersion: process.versions.node,
    },
    hostname: () => os.hostname(),
    interfaces,
    read,
    ask: (services, settings) => waitForServices(services, settings, process.env),
  };
}

function interfaces(): NetworkInterface[] {
  return Object.entries(os.networkInterfaces()).flatMap(([name, list = []]) => {
    const addresses = list.filter(({ internal }) => !internal);
    if (addresses.length === 0) return [];
    return [{ name, mac: addresses[0].mac, addresses: addresses.map(({ address }) => address) }];
  });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function owner(): string | undefined {
  try {
    return os.userInfo().username;
  } catch {
    // A container may run under a user id that has no name.
    return undefined;
  }
}
