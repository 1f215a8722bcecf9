import type { Detected } from './detected.ts';
import type { Machine } from './machine.ts';

const RELEASE_FILES = ['/etc/os-release', '/usr/lib/os-release'];
const TYPES: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris', dragonfly: 'dragonflybsd' };

/** What the operating system says of itself. */
export function osFacts(machine: Machine): Detected {
  const { platform, uname } = machine;
  const release = releaseOf(machine);
  const { NAME: name = '', VERSION: version = '', PRETTY_NAME: pretty = '' } = release;
  const kernel = `${uname.system} ${machine.hostname()} ${uname.release} ${uname.version} ${uname.machine}`;
  const distribution = name !== '' && version !== '' ? `${name} ${version}` : pretty;
  return {
    'os.type': TYPES[platform] ?? platform,
    'os.description': distribution === '' ? kernel : `${distribution} (${kernel})`,
    'os.name': release['ID'] ?? platform,
    'os.version': release['VERSION_ID'] ?? uname.release,
    'os.build.id': release['BUILD_ID'] ?? uname.release,
  };
}

/** The fields of os-release(5). */
function releaseOf(machine: Machine): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  const text = RELEASE_FILES.map((file) => machine.read(file)).find((each) => each !== undefined) ?? '';
  for (const line of text.split('\n')) {
    const match = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim());
    if (match === null) continue;
    const [, key, value] = match;
    fields[key] = unquoted(value.trim());
  }
  return fields;
}

function unquoted(value: string): string {
  const quote = value[0];
  if ((quote !== '"' && quote !== "'") || value.length < 2 || !value.endsWith(quote)) return value;
  return value.slice(1, -1).replace(/\\(["'$`\\])/g, '$1');
}
