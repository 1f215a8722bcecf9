import { type Schema, Type } from '@millrace/api';
import { type Flags, flags, off, on } from './attribute-flags.ts';

const asked = <T extends object>(what: string, attributes: Schema<Flags>, more: T = {} as T) =>
  Type.Object({ resource_attributes: attributes, ...more }, { description: `The detector ${what}.` });
const CLOUD = ['cloud.provider', 'cloud.platform', 'cloud.region', 'cloud.account.id'];
const tags = (what: string) =>
  Type.Array(Type.String(), { default: [], description: `RE2 expressions of the keys of ${what} that are added.` });

/** The platforms that a collector can run on. */
export const platforms = {
  lambda: asked(
    'lambda: AWS Lambda, by its environment',
    flags(
      on(
        ...CLOUD.slice(0, 3),
        'faas.name',
        'faas.version',
        'faas.instance',
        'faas.max_memory',
        'aws.log.group.names',
        'aws.log.stream.names',
      ),
    ),
  ),
  heroku: asked(
    'heroku: Heroku, by its environment',
    flags(
      on(
        'cloud.provider',
        'heroku.app.id',
        'heroku.dyno.id',
        'heroku.release.commit',
        'heroku.release.creation_timestamp',
        'service.instance.id',
        'service.name',
        'service.version',
      ),
    ),
  ),
  ec2: asked(
    'ec2: Amazon EC2, by version 2 of its instance metadata service',
    flags(on(...CLOUD, 'cloud.availability_zone', 'host.id', 'host.image.id', 'host.name', 'host.type')),
    {
      tags: tags('tags'),
      tags_from_imds: Type.Boolean({
        default: false,
        description: 'Whether tags come from the metadata service, the only way here; the instance must allow it.',
      }),
      fail_on_missing_metadata: Type.Boolean({ default: false, description: 'As the setting outside, for ec2.' }),
      max_attempts: Type.Inert('How often the service is asked again.'),
      max_backoff: Type.Inert('How long is waited before the service is asked again.'),
    },
  ),
  ecs: asked(
    'ecs: Amazon ECS, by its task metadata endpoint',
    flags(
      on(
        ...CLOUD,
        'cloud.availability_zone',
        ...['cluster.arn', 'launchtype', 'task.arn', 'task.family', 'task.id', 'task.revision'].map(
          (n) => `aws.ecs.${n}`,
        ),
        ...['group.arns', 'group.names', 'stream.arns', 'stream.names'].map((name) => `aws.log.${name}`),
      ),
    ),
  ),
  azure: asked(
    'azure: a virtual machine of Azure, by its instance metadata service',
    flags({
      ...on(...CLOUD, 'host.id', 'host.name'),
      ...on('azure.vm.name', 'azure.vm.size', 'azure.vm.scaleset.name', 'azure.resourcegroup.name'),
      ...off('cloud.availability_zone'),
    }),
    { tags: tags('tags') },
  ),
  aks: asked(
    'aks: the Azure Kubernetes Service',
    flags({ ...on('cloud.provider', 'cloud.platform'), ...off('k8s.cluster.name') }),
  ),
  gcp: asked(
    'gcp: Google Cloud, by its metadata server',
    flags({
      ...on(...CLOUD, 'cloud.availability_zone', 'host.id', 'host.name', 'host.type', 'k8s.cluster.name'),
      ...on('faas.instance', 'faas.name', 'faas.version'),
      ...on('gcp.cloud_run.job.execution', 'gcp.cloud_run.job.task_index'),
      ...on(...['name', 'region', 'zone'].map((name) => `gcp.gce.instance_group_manager.${name}`)),
      ...off('gcp.gce.instance.hostname', 'gcp.gce.instance.name'),
    }),
    {
      labels: Type.Unsupported('Labels of the instance', 'set them in OTEL_RESOURCE_ATTRIBUTES, for the detector env'),
    },
  ),
  docker: asked(
    'docker: the Docker daemon of the host',
    flags({ ...on('host.name', 'os.type'), ...off('container.image.name', 'container.name') }),
  ),
  consul: asked('consul: the agent of Consul on the host', flags(on('cloud.region', 'host.id', 'host.name')), {
    address: Type.String({ default: '', description: 'Its address; default: CONSUL_HTTP_ADDR, or 127.0.0.1:8500.' }),
    token: Type.Secret({ default: '', description: 'Its ACL token; default: CONSUL_HTTP_TOKEN.' }),
    meta: Type.Array(Type.String(), { default: [], description: 'Keys of the metadata of the node that are added.' }),
    datacenter: Type.Inert('The agent tells its own.'),
    namespace: Type.Inert('The agent is asked about itself.'),
    token_file: Type.Unsupported('A file with the token', 'write token: "${file:PATH}"'),
  }),
  digitalocean: asked(
    'digitalocean: a droplet of DigitalOcean',
    flags(on('cloud.provider', 'cloud.region', 'host.id', 'host.name')),
  ),
  hetzner: asked(
    'hetzner: a server of Hetzner Cloud',
    flags({
      ...on('cloud.provider', 'cloud.region', 'cloud.availability_zone', 'host.id', 'host.name'),
      ...off('cloud.platform'),
    }),
  ),
};
