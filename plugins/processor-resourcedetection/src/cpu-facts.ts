import type { Detected } from './detected.ts';
import type { Machine } from './machine.ts';

/** The first processor in /proc/cpuinfo; nothing on other systems than Linux. */
export function cpuFacts(machine: Machine): Detected {
  const [first = ''] = (machine.read('/proc/cpuinfo') ?? '').split(/\n\s*\n/);
  const fields = new Map<string, string>();
  for (const line of first.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  const cache = Number.parseInt(fields.get('cache size') ?? '', 10);
  return {
    'host.cpu.vendor.id': fields.get('vendor_id'),
    'host.cpu.family': fields.get('cpu family'),
    'host.cpu.model.id': fields.get('model'),
    'host.cpu.model.name': fields.get('model name'),
    'host.cpu.stepping': fields.get('stepping'),
    'host.cpu.cache.l2.size': Number.isNaN(cache) ? undefined : cache,
  };
}
