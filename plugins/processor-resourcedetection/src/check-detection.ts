import { type ConfigFault, messageOf } from '@millrace/api';
import { compilePattern } from '@millrace/pattern';
import type { DetectionSettings } from './detection-settings.ts';
import { DETECTORS } from './detectors.ts';
import { SERVICE_DETECTORS, serviceName } from './services/service-detectors.ts';

/** Detectors of the Collector that are not there. */
const ASKING = new Set(
  (
    'akamai alibaba_ecs azureappservice azurecontainerapps azurefunctions dynatrace eks elastic_beanstalk ' +
    'elasticbeanstalk ibmcloud_classic ibmcloud_vpc k8s_api k8snode kubeadm nova openshift oraclecloud scaleway ' +
    'tencent_cvm upcloud vultr'
  ).split(' '),
);
const ASKING_SOURCES = new Set(['cname', 'lookup']);

export function checkDetection({ detectors, system, ec2, azure }: DetectionSettings): ConfigFault[] {
  return [
    ...checkTags(ec2.tags, ['ec2', 'tags']),
    ...checkTags(azure.tags, ['azure', 'tags']),
    ...(ec2.tags.length === 0 || ec2.tags_from_imds ? [] : [TAGS_OF_API]),
    ...detectors.flatMap((name, index) => {
      if (Object.hasOwn(DETECTORS, name.trim()) || serviceName(name.trim()) !== undefined) return [];
      const isKnown = ASKING.has(name.trim());
      const message = isKnown ? `the detector ${name} is not supported` : `"${name}" is no detector`;
      const known = [...Object.keys(DETECTORS), ...Object.keys(SERVICE_DETECTORS)].join(', ');
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

const TAGS_OF_API: ConfigFault = {
  path: ['ec2', 'tags'],
  message: 'tags are not asked for at the API of EC2',
  remedy: 'allow tags in the metadata of the instance, and set tags_from_imds: true',
};

function checkTags(patterns: readonly string[], path: readonly string[]): ConfigFault[] {
  return patterns.flatMap((pattern, index) => {
    try {
      compilePattern(pattern);
      return [];
    } catch (error) {
      return [{ path: [...path, index], message: messageOf(error) }];
    }
  });
}
