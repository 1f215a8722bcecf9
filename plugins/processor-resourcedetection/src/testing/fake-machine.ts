import type { Machine } from '../machine.ts';
import type { ServiceAnswers } from '../services/service-detectors.ts';

export type FakeMachine = Partial<Omit<Machine, 'hostname' | 'interfaces' | 'read' | 'ask'>> & {
  readonly name?: string;
  readonly answers?: ServiceAnswers;
  readonly files?: Readonly<Record<string, string>>;
  readonly network?: ReturnType<Machine['interfaces']>;
};

/** A Linux machine, as far as nothing else is said. */
export function fakeMachine({ name = 'web-1', files = {}, network = [], answers, ...rest }: FakeMachine = {}): Machine {
  return {
    env: {},
    platform: 'linux',
    arch: 'x64',
    uname: { system: 'Linux', release: '6.1.0-18-amd64', version: '#1 SMP', machine: 'x86_64' },
    process: {
      pid: 42,
      parentPid: 1,
      executable: '/usr/bin/node',
      command: 'node',
      args: ['node', 'millrace', 'run'],
      owner: 'millrace',
      runtimeVersion: '24.21.0',
    },
    ...rest,
    hostname: () => name,
    interfaces: () => network,
    read: (path) => files[path],
    ask: () => answers ?? { found: {}, failures: {} },
  };
}
