import { ComponentError } from '@millrace/api';
import { cpuFacts } from './cpu-facts.ts';
import type { Detected } from './detected.ts';
import type { Machine } from './machine.ts';
import { osFacts } from './os-facts.ts';

const NO_MAC = '00:00:00:00:00:00';
const MACHINE_IDS = ['/etc/machine-id', '/var/lib/dbus/machine-id'];
/** Names of the semantic conventions for what Node names otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: 'x86', arm: 'arm32' };

/** What the host says of itself. `hostnameSources` are tried in order. */
export function detectSystem(machine: Machine, hostnameSources: readonly string[]): Detected {
  const interfaces = machine.interfaces();
  const macs = interfaces.map(({ mac }) => mac).filter((mac) => mac !== NO_MAC);
  return {
    'host.name': hostName(machine, hostnameSources),
    'host.id': hostId(machine),
    'host.arch': ARCHITECTURES[machine.arch] ?? machine.arch,
    'host.ip': interfaces.flatMap(({ addresses }) => addresses),
    'host.mac': macs.map((mac) => mac.toUpperCase().replaceAll(':', '-')),
    'host.interface': interfaces.map(({ name }) => name),
    ...cpuFacts(machine),
    ...osFacts(machine),
  };
}

function hostName(machine: Machine, sources: readonly string[]): string {
  for (const source of sources) {
    const name = source === 'os' ? machine.hostname() : fullName(machine);
    if (name !== undefined && name !== '') return name;
  }
  throw new ComponentError(`cannot find the host's name: ${sources.join(' and ')} did not give one`, {
    code: 'HOSTNAME_NOT_FOUND',
    remedy: 'add "os" to system.hostname_sources',
  });
}

/** The first name of the line in the hosts file that names this host. */
function fullName(machine: Machine): string | undefined {
  const own = machine.hostname();
  for (const line of (machine.read('/etc/hosts') ?? '').split('\n')) {
    const [, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (names.includes(own)) return names[0];
  }
  return undefined;
}

function hostId(machine: Machine): string | undefined {
  for (const file of MACHINE_IDS) {
    const id = (machine.read(file) ?? '').trim();
    if (id !== '') return id;
  }
  return undefined;
}
