import { askJson } from './asker.ts';
import { linkLocal, type ServiceDetector } from './service-detector.ts';

/** A droplet of DigitalOcean. */
export const detectDigitalOcean: ServiceDetector = async (around) => {
  const url = `${linkLocal(around)}/metadata/v1.json`;
  const droplet = await askJson<{ droplet_id: number; hostname: string; region: string }>(around.asker, url);
  return {
    'cloud.provider': 'digitalocean',
    'cloud.region': droplet.region,
    'host.id': droplet.droplet_id === undefined ? undefined : String(droplet.droplet_id),
    'host.name': droplet.hostname,
  };
};

/** A server of Hetzner Cloud. */
export const detectHetzner: ServiceDetector = async (around) => {
  const base = `${linkLocal(around)}/hetzner/v1/metadata`;
  const ask = async (name: string) => (await around.asker.text(`${base}/${name}`)).trim();
  const [id, name, zone, region] = await Promise.all(
    ['instance-id', 'hostname', 'availability-zone', 'region'].map(ask),
  );
  return {
    'cloud.provider': 'hetzner',
    'cloud.platform': 'hetzner.cloud_server',
    'cloud.region': region,
    'cloud.availability_zone': zone,
    'host.id': id,
    'host.name': name,
  };
};

/** A node of a Consul cluster, by the agent on it. */
export const detectConsul: ServiceDetector = async ({ asker, env, settings: { consul } }) => {
  const address = firstSet(consul.address, env['CONSUL_HTTP_ADDR']) ?? '127.0.0.1:8500';
  const token = firstSet(consul.token, env['CONSUL_HTTP_TOKEN']);
  const url = `${address.includes('://') ? address : `http://${address}`}/v1/agent/self`;
  const question = token === undefined ? {} : { headers: { 'X-Consul-Token': token } };
  const { Config, Meta } = await askJson<ConsulAgent>(asker, url, question);
  const labels = Object.entries(Meta ?? {}).filter(([key]) => consul.meta.includes(key));
  return {
    'cloud.region': Config?.Datacenter,
    'host.id': Config?.NodeID,
    'host.name': Config?.NodeName,
    ...Object.fromEntries(labels),
  };
};

interface ConsulAgent {
  readonly Config: { readonly Datacenter?: string; readonly NodeID?: string; readonly NodeName?: string };
  readonly Meta: Readonly<Record<string, string>>;
}

function firstSet(...texts: readonly (string | undefined)[]): string | undefined {
  return texts.find((text) => text !== undefined && text !== '');
}
