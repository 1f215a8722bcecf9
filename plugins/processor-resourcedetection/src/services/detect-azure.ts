import { compilePattern } from '@millrace/pattern';
import { askJson } from './asker.ts';
import { linkLocal, type ServiceDetector, type Surroundings } from './service-detector.ts';

const TAG_PREFIX = 'azure.tag.';

interface Compute {
  readonly location: string;
  readonly name: string;
  readonly vmId: string;
  readonly vmSize: string;
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
  readonly vmScaleSetName: string;
  readonly zone: string;
  readonly osProfile: { readonly computerName?: string };
  readonly tagsList: readonly { readonly name: string; readonly value: string }[];
}

/** A virtual machine of Azure, by its instance metadata service. */
export const detectAzure: ServiceDetector = async (around) => {
  const compute = await computeOf(around);
  const patterns = around.settings.azure.tags.map((pattern) => compilePattern(pattern));
  const tags = (compute.tagsList ?? []).filter(({ name }) => patterns.some((pattern) => pattern.test(name)));
  return {
    'cloud.provider': 'azure',
    'cloud.platform': 'azure.vm',
    'cloud.region': compute.location,
    'cloud.account.id': compute.subscriptionId,
    'cloud.availability_zone': compute.zone,
    'host.id': compute.vmId,
    'host.name': firstOf(compute.osProfile?.computerName, compute.name),
    'azure.vm.name': compute.name,
    'azure.vm.size': compute.vmSize,
    'azure.vm.scaleset.name': compute.vmScaleSetName,
    'azure.resourcegroup.name': compute.resourceGroupName,
    ...Object.fromEntries(tags.map(({ name, value }) => [TAG_PREFIX + name, value])),
  };
};

/** A node of the Azure Kubernetes Service. */
export const detectAks: ServiceDetector = async (around) => {
  if ((around.env['KUBERNETES_SERVICE_HOST'] ?? '') === '') return {};
  const { resourceGroupName = '' } = await computeOf(around);
  // MC_<resource group>_<cluster>_<location>, unless somebody has named it, or has underscores in a name.
  const parts = resourceGroupName.split('_');
  const isGenerated = parts.length === 4 && parts[0].toLowerCase() === 'mc';
  return {
    'cloud.provider': 'azure',
    'cloud.platform': 'azure.aks',
    'k8s.cluster.name': isGenerated ? parts[2] : resourceGroupName,
  };
};

function computeOf(around: Surroundings): Promise<Partial<Compute>> {
  const url = `${linkLocal(around)}/metadata/instance/compute?api-version=2020-09-01&format=json`;
  return askJson<Compute>(around.asker, url, { headers: { Metadata: 'True' } });
}

function firstOf(...texts: readonly (string | undefined)[]): string | undefined {
  return texts.find((text) => text !== undefined && text !== '');
}
