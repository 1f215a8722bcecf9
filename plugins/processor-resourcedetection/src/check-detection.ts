import type { ConfigFault } from '@millrace/api';
import type { DetectionSettings } from './detection-settings.ts';
import { DETECTORS } from './detectors.ts';

/** Detectors of the Collector that have to ask a service. */
const ASKING = new Set(
  (
    'akamai aks alibaba_ecs azure azurecontainerapps consul digitalocean docker dynatrace ec2 ecs eks ' +
    'elastic_beanstalk elasticbeanstalk gcp gce gke heroku hetzner ibmcloud_classic ibmcloud_vpc k8s_api ' +
    'k8snode kubeadm lambda nova openshift oraclecloud scaleway tencent_cvm upcloud vultr'
  ).split(' '),
);
const ASKING_SOURCES = new Set(['cname', 'lookup']);

export function checkDetection({ detectors, system }: DetectionSettings): ConfigFault[] {
  return [
    ...detectors.flatMap((name, index) => {
      if (Object.hasOwn(DETECTORS, name.trim())) return [];
      const isKnown = ASKING.has(name.trim());
      const message = isKnown ? `the detector ${name} is not supported` : `"${name}" is no detector`;
      const known = Object.keys(DETECTORS).join(', ');
      const remedy = isKnown
        ? `use ${known}, and set what it would find in OTEL_RESOURCE_ATTRIBUTES`
        : `write one of ${known}`;
      return [{ path: ['detectors', index], message, remedy }];
    }),
    ...system.hostname_sources.flatMap((source, index) => {
      if (source === 'dns' || source === 'os') return [];
      const isKnown = ASKING_SOURCES.has(source);
      const message = isKnown
        ? `the source ${source} is not supported: it asks a name server`
        : `"${source}" is no source`;
      return [{ path: ['system', 'hostname_sources', index], message, remedy: 'write dns or os' }];
    }),
  ];
}
