import type { DetectionSettings } from '../detection-settings.ts';

const flags = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { enabled: true }]));
const none = { resource_attributes: {} };

/** Settings of a detection that finds little; tests say what they need. */
export const SETTINGS: DetectionSettings = {
  detectors: ['env'],
  override: true,
  timeout: 5_000,
  refresh_interval: 0,
  fail_on_missing_metadata: false,
  attributes: [],
  env: {},
  system: { hostname_sources: ['os'], resource_attributes: flags('host.name', 'os.type') },
  process: { resource_attributes: flags('process.pid') },
  container: { resource_attributes: flags('container.id') },
  lambda: none,
  heroku: none,
  ec2: { ...none, tags: [], tags_from_imds: false, fail_on_missing_metadata: false },
  ecs: none,
  azure: { ...none, tags: [] },
  aks: none,
  gcp: none,
  docker: none,
  consul: { ...none, address: '', token: '', meta: [] },
  digitalocean: none,
  hetzner: none,
};
