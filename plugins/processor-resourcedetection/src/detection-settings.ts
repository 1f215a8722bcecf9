import { type Static, Type } from '@millrace/api';
import { flags, off, on } from './attribute-flags.ts';
import { platforms } from './platform-settings.ts';

const system = Type.Object(
  {
    hostname_sources: Type.Array(Type.String(), {
      default: ['dns', 'os'],
      description:
        'Where the name of the host comes from, the first that has one: dns (its line in /etc/hosts; no server is asked) or ' +
        'os (what the kernel calls it).',
    }),
    resource_attributes: flags({
      ...on('host.name', 'os.type'),
      ...off('host.id', 'host.arch', 'host.ip', 'host.mac', 'host.interface'),
      ...off('host.cpu.vendor.id', 'host.cpu.family', 'host.cpu.model.id', 'host.cpu.model.name'),
      ...off('host.cpu.stepping', 'host.cpu.cache.l2.size'),
      ...off('os.description', 'os.name', 'os.version', 'os.build.id'),
    }),
  },
  { description: 'The detector system: the host and its operating system.' },
);

export const detectionSettings = Type.Object({
  detectors: Type.Array(Type.String(), {
    default: ['env'],
    description:
      'Which detectors run: env, system, process, container, lambda, heroku, and those that ask a service: aks, azure, consul, ' +
      'digitalocean, docker, ec2, ecs, gcp, hetzner. What the first one finds wins.',
    examples: [['env', 'system']],
  }),
  override: Type.Boolean({
    default: true,
    description: 'Whether attributes that resources have already are replaced.',
  }),
  timeout: Type.Duration({
    default: '5s',
    description: 'Longest wait of the first batch for the services that are asked; at most 5s are waited.',
  }),
  refresh_interval: Type.Duration({
    default: '0s',
    minimumMs: 0,
    description: 'How often detection runs again, when data comes; 0: once, at the start.',
  }),
  fail_on_missing_metadata: Type.Boolean({
    default: false,
    description: 'Whether data are refused, to be sent again, while a service that is asked tells nothing.',
  }),
  attributes: Type.Array(Type.String(), {
    default: [],
    description: 'Only these attributes are added; without any, all that are enabled.',
    deprecated: true,
  }),
  env: Type.Object(
    {
      allowlist: Type.Optional(
        Type.Array(Type.String(), { description: 'Only these attributes are taken from the environment.' }),
      ),
    },
    { description: 'The detector env: OTEL_RESOURCE_ATTRIBUTES.' },
  ),
  system,
  process: Type.Object(
    {
      resource_attributes: flags({
        ...on('process.pid', 'process.executable.name', 'process.executable.path', 'process.owner'),
        ...on('process.runtime.name', 'process.runtime.version', 'process.runtime.description'),
        ...off('process.parent_pid', 'process.command', 'process.command_args'),
      }),
    },
    { description: 'The detector process: this process.' },
  ),
  ...platforms,
  container: Type.Object(
    { resource_attributes: flags(on('container.id')) },
    { description: 'The detector container: the container that this runs in.' },
  ),
});

export type DetectionSettings = Static<typeof detectionSettings>;
