import type { Detected } from '../detected.ts';
import { type Asker, askJson, NoAnswer, type Question } from './asker.ts';
import type { ServiceDetector } from './service-detector.ts';

const SOCKET = 'unix:///var/run/docker.sock';

/** The host of a container, by its Docker daemon; `DOCKER_HOST` names it, as for Docker's own programs. */
export const detectDocker: ServiceDetector = async ({ asker, env, hostname, settings }) => {
  const daemon = daemonOf(env['DOCKER_HOST'] ?? SOCKET);
  const info = await askJson<{ Name: string; OSType: string }>(asker, `${daemon.base}/info`, daemon.question);
  const found = { 'host.name': info.Name, 'os.type': info.OSType };
  const flags = settings.docker.resource_attributes;
  const wantsContainer = ['container.name', 'container.image.name'].some(
    (name) => name in flags && flags[name].enabled,
  );
  return wantsContainer ? { ...found, ...(await containerOf(asker, daemon, hostname)) } : found;
};

interface Daemon {
  readonly base: string;
  readonly question: Question;
}

function daemonOf(address: string): Daemon {
  if (address.startsWith('unix://'))
    return { base: 'http://docker', question: { socketPath: address.slice('unix://'.length) } };
  if (!address.startsWith('tcp://'))
    throw new NoAnswer(`DOCKER_HOST is "${address}": only unix:// and tcp:// are asked`);
  return { base: `http://${address.slice('tcp://'.length)}`, question: {} };
}

/** Docker names a container's host by the container's id. */
async function containerOf(asker: Asker, { base, question }: Daemon, id: string): Promise<Detected> {
  const { Name, Config } = await askJson<{ Name: string; Config: { Image?: string } }>(
    asker,
    `${base}/containers/${encodeURIComponent(id)}/json`,
    question,
  );
  return { 'container.name': Name?.replace(/^\//, ''), 'container.image.name': Config?.Image };
}
