import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import type { DetectionSettings } from '../detection-settings.ts';
import { SETTINGS } from '../testing/settings.ts';
import { HttpAsker } from './asker.ts';
import { askServices, type ServiceName, serviceName } from './service-detectors.ts';
import { waitForServices } from './wait-for-services.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

type Answers = Readonly<Record<string, string | object>>;

/** A service that answers these paths, to those who may know. The result is its address. */
async function serve(
  answers: Answers,
  mayKnow: (request: IncomingMessage) => boolean = () => true,
  where: string | number = 0,
) {
  const server = createServer((request, response) => {
    const answer = answers[`${request.method} ${request.url}`] ?? answers[request.url ?? ''];
    response.statusCode = !mayKnow(request) ? 401 : answer === undefined ? 404 : 200;
    response.end(typeof answer === 'object' ? JSON.stringify(answer) : answer);
  });
  servers.push(server.listen(where));
  await once(server, 'listening');
  return typeof where === 'string' ? where : `localhost:${(server.address() as AddressInfo).port}`;
}

interface Around {
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: Partial<DetectionSettings>;
  readonly linkLocal?: string;
}

async function ask(name: ServiceName, { env = {}, settings = {}, linkLocal = 'localhost:1' }: Around = {}) {
  const asker = new HttpAsker(AbortSignal.timeout(5_000));
  const around = { asker, env, hostname: 'c0ffee', settings: { ...SETTINGS, ...settings } };
  const { found, failures } = await askServices([name], { ...around, linkLocal: `http://${linkLocal}` });
  return found[name] ?? failures[name];
}

const EC2: Answers = {
  'PUT /latest/api/token': 'secret',
  '/latest/dynamic/instance-identity/document': {
    region: 'eu-central-1',
    accountId: '123456789012',
    availabilityZone: 'eu-central-1a',
    instanceId: 'i-0abc',
    imageId: 'ami-1',
    instanceType: 'm7g.large',
  },
  '/latest/meta-data/hostname': 'ip-10-0-0-1.ec2.internal',
  '/latest/meta-data/tags/instance': 'Name\nteam',
  '/latest/meta-data/tags/instance/team': 'shop',
};
const hasToken = ({ method, headers }: IncomingMessage) =>
  method === 'PUT'
    ? headers['x-aws-ec2-metadata-token-ttl-seconds'] === '60'
    : headers['x-aws-ec2-metadata-token'] === 'secret';
const EC2_FOUND = {
  'cloud.provider': 'aws',
  'cloud.platform': 'aws_ec2',
  'cloud.region': 'eu-central-1',
  'cloud.account.id': '123456789012',
  'cloud.availability_zone': 'eu-central-1a',
  'host.id': 'i-0abc',
  'host.image.id': 'ami-1',
  'host.type': 'm7g.large',
  'host.name': 'ip-10-0-0-1.ec2.internal',
};

test('ec2: with a token of its own, tags as asked for', async () => {
  const linkLocal = await serve(EC2, hasToken);
  expect(await ask('ec2', { linkLocal })).toEqual(EC2_FOUND);
  const ec2 = { ...SETTINGS.ec2, tags: ['^team$', 'none'], tags_from_imds: true };
  expect(await ask('ec2', { linkLocal, settings: { ec2 } })).toEqual({ ...EC2_FOUND, 'ec2.tag.team': 'shop' });
});

test('ecs: of the task, and where the other containers log to', async () => {
  const logged = {
    Type: 'NORMAL',
    KnownStatus: 'RUNNING',
    LogDriver: 'awslogs',
    LogOptions: { 'awslogs-region': 'us-east-1', 'awslogs-group': '/ecs/app', 'awslogs-stream': 'app/1' },
  };
  const address = await serve({
    '/v4/x': { DockerId: 'self' },
    '/v4/x/task': {
      Cluster: 'prod',
      TaskARN: 'arn:aws:ecs:us-east-1:123:task/prod/abcdef',
      Family: 'shop',
      Revision: '7',
      AvailabilityZone: 'us-east-1d',
      LaunchType: 'FARGATE',
      Containers: [{ ...logged, DockerId: 'app' }, { ...logged, DockerId: 'self' }, { DockerId: 'other' }],
    },
  });
  expect(await ask('ecs')).toEqual({});
  expect(await ask('ecs', { env: { ECS_CONTAINER_METADATA_URI_V4: `http://${address}/v4/x` } })).toEqual({
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_ecs',
    'cloud.region': 'us-east-1',
    'cloud.account.id': '123',
    'cloud.availability_zone': 'us-east-1d',
    'aws.ecs.task.arn': 'arn:aws:ecs:us-east-1:123:task/prod/abcdef',
    'aws.ecs.task.id': 'abcdef',
    'aws.ecs.task.family': 'shop',
    'aws.ecs.task.revision': '7',
    'aws.ecs.cluster.arn': 'arn:aws:ecs:us-east-1:123:cluster/prod',
    'aws.ecs.launchtype': 'fargate',
    'aws.log.group.names': ['/ecs/app'],
    'aws.log.group.arns': ['arn:aws:logs:us-east-1:123:log-group:/ecs/app'],
    'aws.log.stream.names': ['app/1'],
    'aws.log.stream.arns': ['arn:aws:logs:us-east-1:123:log-group:/ecs/app:log-stream:app/1'],
  });
});

describe('azure', () => {
  const compute = {
    location: 'westeurope',
    name: 'vm-1',
    vmId: 'id-1',
    vmSize: 'Standard_D2',
    subscriptionId: 'sub-1',
    resourceGroupName: 'MC_group_cluster_westeurope',
    vmScaleSetName: '',
    zone: '2',
    osProfile: { computerName: 'web-1' },
    tagsList: [
      { name: 'team', value: 'shop' },
      { name: 'secret', value: 'x' },
    ],
  };
  const url = '/metadata/instance/compute?api-version=2020-09-01&format=json';
  const mayKnow = ({ headers }: IncomingMessage) => headers['metadata'] === 'True';

  test('a virtual machine, with tags as asked for', async () => {
    const linkLocal = await serve({ [url]: compute }, mayKnow);
    const azure = { ...SETTINGS.azure, tags: ['^te'] };
    expect(await ask('azure', { linkLocal, settings: { azure } })).toEqual({
      'cloud.provider': 'azure',
      'cloud.platform': 'azure.vm',
      'cloud.region': 'westeurope',
      'cloud.account.id': 'sub-1',
      'cloud.availability_zone': '2',
      'host.id': 'id-1',
      'host.name': 'web-1',
      'azure.vm.name': 'vm-1',
      'azure.vm.size': 'Standard_D2',
      'azure.vm.scaleset.name': '',
      'azure.resourcegroup.name': 'MC_group_cluster_westeurope',
      'azure.tag.team': 'shop',
    });
  });

  test.each([
    ['MC_group_cluster_westeurope', 'cluster'],
    ['MC_my_group_cluster_westeurope', 'MC_my_group_cluster_westeurope'],
    ['own', 'own'],
  ])('its Kubernetes, of the group %s', async (resourceGroupName, cluster) => {
    const linkLocal = await serve({ [url]: { ...compute, resourceGroupName } }, mayKnow);
    expect(await ask('aks', { linkLocal })).toEqual({});
    expect(await ask('aks', { linkLocal, env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } })).toEqual({
      'cloud.provider': 'azure',
      'cloud.platform': 'azure.aks',
      'k8s.cluster.name': cluster,
    });
  });
});

describe('gcp', () => {
  const at = (values: Answers) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`/computeMetadata/v1/${key}`, value]));
  const mayKnow = ({ headers }: IncomingMessage) => headers['metadata-flavor'] === 'Google';
  const common = { 'project/project-id': 'p-1', 'instance/id': '42', 'instance/name': 'vm-1' };
  const COMMON_FOUND = { 'cloud.provider': 'gcp', 'cloud.account.id': 'p-1' };

  test.each<[string, Answers, Record<string, string>, object]>([
    [
      'Compute Engine',
      {
        'instance/machine-type': 'projects/1/machineTypes/e2',
        'instance/zone': 'projects/1/zones/europe-west3-a',
        'instance/hostname': 'vm-1.internal',
        'instance/attributes/created-by': 'projects/1/zones/europe-west3-a/instanceGroupManagers/group-1',
      },
      {},
      {
        'cloud.platform': 'gcp_compute_engine',
        'cloud.availability_zone': 'europe-west3-a',
        'cloud.region': 'europe-west3',
        'host.id': '42',
        'host.name': 'vm-1',
        'host.type': 'projects/1/machineTypes/e2',
        'gcp.gce.instance.name': 'vm-1',
        'gcp.gce.instance.hostname': 'vm-1.internal',
        'gcp.gce.instance_group_manager.name': 'group-1',
        'gcp.gce.instance_group_manager.zone': 'europe-west3-a',
      },
    ],
    [
      'Kubernetes Engine',
      { 'instance/attributes/cluster-location': 'europe-west3', 'instance/attributes/cluster-name': 'c-1' },
      { KUBERNETES_SERVICE_HOST: '10.0.0.1' },
      {
        'cloud.platform': 'gcp_kubernetes_engine',
        'cloud.region': 'europe-west3',
        'k8s.cluster.name': 'c-1',
        'host.id': '42',
        'host.name': 'vm-1',
      },
    ],
    [
      'Cloud Run',
      { 'instance/region': 'projects/1/regions/europe-west3' },
      { K_CONFIGURATION: 'shop', K_SERVICE: 'shop', K_REVISION: 'shop-1' },
      {
        'cloud.platform': 'gcp_cloud_run',
        'cloud.region': 'europe-west3',
        'faas.name': 'shop',
        'faas.version': 'shop-1',
        'faas.instance': '42',
      },
    ],
  ])('%s', async (_, answers, env, expected) => {
    const host = await serve(at({ ...common, ...answers }), mayKnow);
    expect(await ask('gcp', { env: { ...env, GCE_METADATA_HOST: host } })).toEqual({ ...COMMON_FOUND, ...expected });
  });

  test('older names mean the same', () => {
    expect(['gce', 'gke', 'gcp', 'system'].map(serviceName)).toEqual(['gcp', 'gcp', 'gcp', undefined]);
  });
});

test('docker: the host over a socket, the container where it is enabled', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'docker-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const socket = await serve(
    {
      '/info': { Name: 'host-1', OSType: 'linux' },
      '/containers/c0ffee/json': { Name: '/web', Config: { Image: 'i:1' } },
    },
    undefined,
    path.join(folder, 'docker.sock'),
  );
  const env = { DOCKER_HOST: `unix://${socket}` };
  expect(await ask('docker', { env })).toEqual({ 'host.name': 'host-1', 'os.type': 'linux' });
  const docker = { resource_attributes: { 'container.name': { enabled: true } } };
  expect(await ask('docker', { env, settings: { docker } })).toMatchObject({
    'container.name': 'web',
    'container.image.name': 'i:1',
  });
  expect(await ask('docker', { env: { DOCKER_HOST: 'ssh://x' } })).toContain('only unix:// and tcp:// are asked');
});

test('consul: by its agent, with a token, labels as asked for', async () => {
  const agent = {
    Config: { Datacenter: 'dc1', NodeID: 'n-1', NodeName: 'node' },
    Meta: { rack: 'r1', other: 'x' },
  };
  const address = await serve({ '/v1/agent/self': agent }, ({ headers }) => headers['x-consul-token'] === 't');
  const consul = { ...SETTINGS.consul, token: 't', meta: ['rack'] };
  const expected = { 'cloud.region': 'dc1', 'host.id': 'n-1', 'host.name': 'node', rack: 'r1' };
  expect(await ask('consul', { settings: { consul: { ...consul, address } } })).toEqual(expected);
  expect(await ask('consul', { settings: { consul }, env: { CONSUL_HTTP_ADDR: address } })).toEqual(expected);
  expect(await ask('consul', { env: { CONSUL_HTTP_ADDR: address } })).toContain('status 401');
});

test('digitalocean', async () => {
  const linkLocal = await serve({ '/metadata/v1.json': { droplet_id: 7, hostname: 'd-1', region: 'fra1' } });
  expect(await ask('digitalocean', { linkLocal })).toEqual({
    'cloud.provider': 'digitalocean',
    'cloud.region': 'fra1',
    'host.id': '7',
    'host.name': 'd-1',
  });
});

test('hetzner', async () => {
  const values = { 'instance-id': '9\n', hostname: 'h-1', 'availability-zone': 'fsn1-dc14', region: 'eu-central' };
  const linkLocal = await serve(
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`/hetzner/v1/metadata/${key}`, value])),
  );
  expect(await ask('hetzner', { linkLocal })).toMatchObject({
    'cloud.platform': 'hetzner.cloud_server',
    'cloud.availability_zone': 'fsn1-dc14',
    'host.id': '9',
  });
});

describe('a service that does not tell', () => {
  test.each<[string, Answers]>([
    ['status 404', {}],
    ['no JSON object', { '/metadata/v1.json': 'hello' }],
    ['no JSON object', { '/metadata/v1.json': '7' }],
  ])('%s', async (problem, answers) => {
    expect(await ask('digitalocean', { linkLocal: await serve(answers) })).toContain(problem);
  });

  test('an answer without end is given up', async () => {
    const linkLocal = await serve({ '/metadata/v1.json': 'x'.repeat(2 * 1024 * 1024) });
    expect(await ask('digitalocean', { linkLocal })).toContain('too long');
  });
});

/* The thread that waits does not turn its event loop, so that the service needs a process of its own. */
test('a thread that cannot wait gets the answers all the same, or the reason', async () => {
  const { spawn } = await import('node:child_process');
  const script = `require('node:http').createServer((q, r) => r.end(q.method === 'PUT' ? 't' : JSON.stringify({ region: 'r-1' })))
    .listen(0, function () { console.log(this.address().port) })`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://localhost:${line.toString().trim()}` };
  const { found, failures } = waitForServices(
    ['ec2', 'consul'],
    { ...SETTINGS, consul: { ...SETTINGS.consul, address: 'localhost:1' } },
    env,
  );
  expect(found['ec2']).toMatchObject({ 'cloud.region': 'r-1' });
  expect(failures['consul']).toContain('ECONNREFUSED');
});
