import type { Detected } from '../detected.ts';
import { askIfThere } from './asker.ts';
import type { ServiceDetector } from './service-detector.ts';

/** Asks for one value of the metadata server; undefined where it has none. */
type Ask = (path: string) => Promise<string | undefined>;
type Env = Readonly<Record<string, string | undefined>>;

/** A platform of Google Cloud, by its metadata server and the environment. */
export const detectGcp: ServiceDetector = async ({ asker, env }) => {
  const base = `http://${env['GCE_METADATA_HOST'] ?? 'metadata.google.internal'}/computeMetadata/v1`;
  const question = { headers: { 'Metadata-Flavor': 'Google' } };
  const ask: Ask = async (path) => (await askIfThere(asker, `${base}/${path}`, question))?.trim();
  const project = await ask('project/project-id');
  return { 'cloud.provider': 'gcp', 'cloud.account.id': project, ...(await platformOf(ask, env)) };
};

async function platformOf(ask: Ask, env: Env): Promise<Detected> {
  if (isSet(env, 'KUBERNETES_SERVICE_HOST')) {
    const location = await ask('instance/attributes/cluster-location');
    if (location !== undefined) return kubernetesEngine(ask, location);
  }
  if (isSet(env, 'FUNCTION_TARGET')) return serverless(ask, env, 'gcp_cloud_functions');
  if (['K_CONFIGURATION', 'CLOUD_RUN_JOB', 'CLOUD_RUN_WORKER_POOL'].some((name) => isSet(env, name)))
    return serverless(ask, env, 'gcp_cloud_run');
  if (isSet(env, 'GAE_SERVICE')) return appEngine(ask, env);
  const type = await ask('instance/machine-type');
  return type === undefined ? {} : computeEngine(ask, type);
}

async function kubernetesEngine(ask: Ask, location: string): Promise<Detected> {
  const [cluster, id, name] = await Promise.all([
    ask('instance/attributes/cluster-name'),
    ask('instance/id'),
    ask('instance/name'),
  ]);
  const isRegion = location.split('-').length === 2;
  return {
    'cloud.platform': 'gcp_kubernetes_engine',
    [isRegion ? 'cloud.region' : 'cloud.availability_zone']: location,
    'k8s.cluster.name': cluster,
    'host.id': id,
    'host.name': name,
  };
}

async function serverless(ask: Ask, env: Env, platform: string): Promise<Detected> {
  const [id, region] = await Promise.all([ask('instance/id'), ask('instance/region')]);
  return {
    'cloud.platform': platform,
    'cloud.region': lastPart(region),
    'faas.name': env['K_SERVICE'] ?? env['CLOUD_RUN_JOB'] ?? env['CLOUD_RUN_WORKER_POOL'],
    'faas.version': env['CLOUD_RUN_REVISION'] ?? env['K_REVISION'],
    'faas.instance': id,
    'gcp.cloud_run.job.execution': env['CLOUD_RUN_EXECUTION'],
    'gcp.cloud_run.job.task_index': env['CLOUD_RUN_TASK_INDEX'],
  };
}

async function appEngine(ask: Ask, env: Env): Promise<Detected> {
  const [zone, region] = await Promise.all([ask('instance/zone'), ask('instance/region')]);
  return {
    'cloud.platform': 'gcp_app_engine',
    'cloud.availability_zone': lastPart(zone),
    'cloud.region': lastPart(region) ?? regionOf(lastPart(zone)),
    'faas.name': env['GAE_SERVICE'],
    'faas.version': env['GAE_VERSION'],
    'faas.instance': env['GAE_INSTANCE'],
  };
}

async function computeEngine(ask: Ask, type: string): Promise<Detected> {
  const [zone, id, name, hostname, creator = ''] = await Promise.all([
    ask('instance/zone'),
    ask('instance/id'),
    ask('instance/name'),
    ask('instance/hostname'),
    ask('instance/attributes/created-by'),
  ]);
  const group = /^projects\/[^/]+\/(zone|region)s\/([^/]+)\/instanceGroupManagers\/([^/]+)$/.exec(creator);
  return {
    'cloud.platform': 'gcp_compute_engine',
    'cloud.availability_zone': lastPart(zone),
    'cloud.region': regionOf(lastPart(zone)),
    'host.id': id,
    'host.name': name,
    'host.type': type,
    'gcp.gce.instance.name': name,
    'gcp.gce.instance.hostname': hostname,
    ...(group !== null && {
      'gcp.gce.instance_group_manager.name': group[3],
      [`gcp.gce.instance_group_manager.${group[1]}`]: group[2],
    }),
  };
}

/** `europe-west3-a` lies in `europe-west3`. */
function regionOf(zone: string | undefined): string | undefined {
  return zone?.split('-').slice(0, 2).join('-');
}

/** `projects/1/zones/europe-west3-a` is told where `europe-west3-a` is meant. */
function lastPart(path: string | undefined): string | undefined {
  return path?.slice(path.lastIndexOf('/') + 1);
}

function isSet(env: Env, name: string): boolean {
  return env[name] !== undefined;
}
