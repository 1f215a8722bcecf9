import type { Detected } from '../detected.ts';
import { askJson } from './asker.ts';
import type { ServiceDetector } from './service-detector.ts';

interface TaskMetadata {
  readonly Cluster: string;
  readonly TaskARN: string;
  readonly Family: string;
  readonly Revision: string;
  readonly AvailabilityZone: string;
  readonly LaunchType: string;
  readonly Containers: readonly Partial<ContainerMetadata>[];
}

interface ContainerMetadata {
  readonly DockerId: string;
  readonly Type: string;
  readonly KnownStatus: string;
  readonly LogDriver: string;
  readonly LogOptions: Readonly<Record<string, string | undefined>>;
}

/** A task of Amazon ECS, by the task metadata endpoint that its environment names. */
export const detectEcs: ServiceDetector = async ({ asker, env }) => {
  const base = env['ECS_CONTAINER_METADATA_URI_V4'] ?? env['ECS_CONTAINER_METADATA_URI'] ?? '';
  if (base === '') return {};
  const [task, self] = await Promise.all([
    askJson<TaskMetadata>(asker, `${base}/task`),
    askJson<ContainerMetadata>(asker, base),
  ]);
  // arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID
  const [, , , region, account, resource = ''] = (task.TaskARN ?? '').split(':');
  const { Cluster: cluster = '', LaunchType: launch = '' } = task;
  return {
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_ecs',
    'cloud.region': region,
    'cloud.account.id': account,
    'cloud.availability_zone': task.AvailabilityZone,
    'aws.ecs.task.arn': task.TaskARN,
    'aws.ecs.task.id': resource.split('/').at(-1),
    'aws.ecs.task.family': task.Family,
    'aws.ecs.task.revision': task.Revision,
    'aws.ecs.cluster.arn': cluster.includes(':') ? cluster : `arn:aws:ecs:${region}:${account}:cluster/${cluster}`,
    'aws.ecs.launchtype': ['ec2', 'fargate'].find((type) => type === launch.toLowerCase()),
    ...logsOf(task.Containers ?? [], self.DockerId, account),
  };
};

/** Where the other containers of the task write their logs to. */
function logsOf(
  containers: TaskMetadata['Containers'],
  self: string | undefined,
  account: string | undefined,
): Detected {
  const logs = containers
    .filter(
      ({ Type, KnownStatus, LogDriver, DockerId, LogOptions }) =>
        Type === 'NORMAL' &&
        KnownStatus === 'RUNNING' &&
        LogDriver === 'awslogs' &&
        DockerId !== self &&
        LogOptions !== undefined,
    )
    .map(({ LogOptions: options = {} }) => {
      const [region = '', group = '', stream = ''] = ['region', 'group', 'stream'].map(
        (key) => options[`awslogs-${key}`],
      );
      const arn = `arn:aws:logs:${region}:${account}:log-group:${group}`;
      return { group, stream, arn, streamArn: `${arn}:log-stream:${stream}` };
    });
  return {
    'aws.log.group.names': logs.map(({ group }) => group),
    'aws.log.group.arns': logs.map(({ arn }) => arn),
    'aws.log.stream.names': logs.map(({ stream }) => stream),
    'aws.log.stream.arns': logs.map(({ streamArn }) => streamArn),
  };
}
