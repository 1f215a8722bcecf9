import { compilePattern } from '@millrace/pattern';
import { askIfThere, askJson } from './asker.ts';
import { linkLocal, type ServiceDetector, type Surroundings } from './service-detector.ts';

const TOKEN_SECONDS = '60';
const TAG_PREFIX = 'ec2.tag.';

interface IdentityDocument {
  readonly region: string;
  readonly accountId: string;
  readonly availabilityZone: string;
  readonly instanceId: string;
  readonly imageId: string;
  readonly instanceType: string;
}

/** A virtual machine of Amazon EC2, by its instance metadata service, version 2. */
export const detectEc2: ServiceDetector = async (around) => {
  const { asker, env } = around;
  const base = (env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? linkLocal(around)).replace(/\/$/, '');
  const token = await asker.text(`${base}/latest/api/token`, {
    method: 'PUT',
    headers: { 'X-aws-ec2-metadata-token-ttl-seconds': TOKEN_SECONDS },
  });
  const question = { headers: { 'X-aws-ec2-metadata-token': token } };
  const identity = `${base}/latest/dynamic/instance-identity/document`;
  const [document, hostname, tags] = await Promise.all([
    askJson<IdentityDocument>(asker, identity, question),
    askIfThere(asker, `${base}/latest/meta-data/hostname`, question),
    tagsOf(around, `${base}/latest/meta-data/tags/instance`, question),
  ]);
  return {
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_ec2',
    'cloud.region': document.region,
    'cloud.account.id': document.accountId,
    'cloud.availability_zone': document.availabilityZone,
    'host.id': document.instanceId,
    'host.image.id': document.imageId,
    'host.type': document.instanceType,
    'host.name': hostname,
    ...tags,
  };
};

/** Tags whose keys match, where the instance shows them to itself. */
async function tagsOf(
  { asker, settings }: Surroundings,
  url: string,
  question: { readonly headers: Readonly<Record<string, string>> },
): Promise<Record<string, string>> {
  const patterns = settings.ec2.tags.map((pattern) => compilePattern(pattern));
  if (patterns.length === 0) return {};
  const names = ((await askIfThere(asker, url, question)) ?? '').split('\n').filter((name) => name !== '');
  const wanted = names.filter((name) => patterns.some((pattern) => pattern.test(name)));
  const values = await Promise.all(wanted.map((name) => asker.text(`${url}/${encodeURIComponent(name)}`, question)));
  return Object.fromEntries(wanted.map((name, i) => [TAG_PREFIX + name, values[i]]));
}
