import { type ConfigFault, defineProcessor, Type } from '@millrace/api';
import { MemoryLimiter } from './memory-limiter.ts';

const gcInterval = (byDefault: string) =>
  Type.Duration({
    default: byDefault,
    description: 'Time between collections of garbage, which V8 decides by itself: accepted, without effect.',
  });

/** Refuses data at the intake while memory is short, in a way that makes senders try again. */
export default defineProcessor({
  type: 'memory_limiter',
  summary: 'Refuses data while memory is short, so that senders keep it and try again.',
  stability: 'beta',
  config: Type.Object({
    check_interval: Type.Duration({ default: '0s', description: 'Time between measurements; 1s is a good value.' }),
    limit_mib: Type.Integer({ default: 0, minimum: 0, description: 'Hard limit, in MiB.' }),
    spike_limit_mib: Type.Integer({
      default: 0,
      minimum: 0,
      description: 'Largest growth between two measurements, in MiB; data is refused above limit minus this. 0: 20 %.',
    }),
    limit_percentage: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 100,
      description: 'Hard limit in percent of the memory of the machine or its control group; limit_mib goes first.',
    }),
    spike_limit_percentage: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 100,
      description: 'As spike_limit_mib, in percent of that memory.',
    }),
    min_gc_interval_when_soft_limited: gcInterval('10s'),
    min_gc_interval_when_hard_limited: gcInterval('0s'),
    max_gc_interval_when_soft_limited: gcInterval('0s'),
    max_gc_interval_when_hard_limited: gcInterval('0s'),
  }),
  examples: [
    { title: 'Absolute', yaml: 'memory_limiter: { check_interval: 1s, limit_mib: 512, spike_limit_mib: 128 }' },
    {
      title: 'Relative',
      yaml: 'memory_limiter: { check_interval: 1s, limit_percentage: 50, spike_limit_percentage: 10 }',
    },
  ],
  check(config): readonly ConfigFault[] {
    const faults: ConfigFault[] = [];
    if (config.check_interval <= 0) {
      faults.push({ path: ['check_interval'], message: 'must be greater than zero', remedy: 'set check_interval: 1s' });
    }
    if (config.limit_mib === 0 && config.limit_percentage === 0) {
      faults.push({ path: [], message: 'has no limit', remedy: 'set limit_mib or limit_percentage' });
    }
    if (config.limit_mib > 0 && config.spike_limit_mib >= config.limit_mib) {
      faults.push({ path: ['spike_limit_mib'], message: 'must be smaller than limit_mib' });
    }
    if (config.limit_percentage > 0 && config.spike_limit_percentage >= config.limit_percentage) {
      faults.push({ path: ['spike_limit_percentage'], message: 'must be smaller than limit_percentage' });
    }
    return faults;
  },
  gate: {
    signals: ['logs', 'traces', 'metrics', 'profiles'],
    create: (config, host) => new MemoryLimiter(config, host),
  },
});
