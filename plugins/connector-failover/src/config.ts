import { type ConfigFault, sendingQueue, type Static, Type } from '@millrace/api';

const retryInterval = 'How often data is tried on the levels above the present one, while that is not the first.';

export const config = Type.Object({
  priority_levels: Type.Array(
    Type.Array(Type.String({ examples: ['traces/first'] }), { minItems: 1, description: 'Pipelines of one level.' }),
    {
      minItems: 1,
      description: 'Pipelines by priority, best first. All pipelines of a level get the data; one that fails fails it.',
    },
  ),
  retry_interval: Type.Duration({ default: '10m', description: retryInterval }),
  strategy: Type.Enum(['standard'], { default: 'standard', description: 'How the level is chosen.' }),
  standard: Type.Object(
    { retry_interval: Type.Optional(Type.Duration({ description: retryInterval })) },
    { description: 'Settings of the standard strategy; they take precedence.' },
  ),
  sending_queue: sendingQueue(),
  retry_gap: Type.Optional(Type.Duration({ deprecated: true, description: 'Without effect, as in the Collector.' })),
  max_retries: Type.Optional(Type.Integer({ deprecated: true, description: 'Without effect, as in the Collector.' })),
});

export type FailoverConfig = Static<typeof config>;

export function check({ retry_interval, standard, sending_queue: queue }: FailoverConfig): readonly ConfigFault[] {
  const faults: ConfigFault[] = [];
  const positive = (path: readonly string[], value: number | undefined) => {
    if (value !== undefined && value <= 0) faults.push({ path, message: 'must be positive', remedy: 'such as 10m' });
  };
  positive(['retry_interval'], retry_interval);
  positive(['standard', 'retry_interval'], standard.retry_interval);
  for (const key of ['storage', 'batch'] as const) {
    if (!queue.enabled || queue[key] === undefined) continue;
    faults.push({
      path: ['sending_queue', key],
      message: 'the queue of this connector is in memory and keeps batches as they come',
      remedy: `set sending_queue.enabled: false here, and sending_queue.${key} in the exporters of the last level`,
    });
  }
  return faults;
}
