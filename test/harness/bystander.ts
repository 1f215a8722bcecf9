import { Agent, request } from 'node:http';
import type { Destination } from './destination.ts';
import { idsOf, logsJson } from './requests.ts';

/** Requests that a bystander makes at least before, and again after, what is tried beside it. */
const REQUESTS_MIN = 3;

/**
 * Does something while another client sends log records, one request after the other. Fails unless every one of that
 * client's requests is accepted, and everything accepted is at `destination` exactly once.
 */
export async function besideAnother<T>(
  peers: { readonly http: string; readonly destination: Destination },
  act: () => Promise<T>,
): Promise<T> {
  const name = `bystander-${++count}`;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const accepted: string[] = [];
  const send = async () => {
    const id = `${name}-${accepted.length}`;
    const status = await postOn(agent, peers.http, logsJson([id]));
    if (status !== 200) throw new Error(`the bystander's request ${accepted.length} was answered with ${status}`);
    accepted.push(id);
  };
  try {
    for (let sent = 0; sent < REQUESTS_MIN; sent++) await send();
    const progress = { isOver: false };
    const acting = act().finally(() => {
      progress.isOver = true;
    });
    acting.catch(() => undefined);
    while (!progress.isOver) await send();
    const result = await acting;
    for (let sent = 0; sent < REQUESTS_MIN; sent++) await send();
    const arrived = idsOf(peers.destination.items.entries).filter((id) => id.startsWith(`${name}-`));
    if (arrived.join() !== accepted.join()) {
      throw new Error(`of the bystander's ${accepted.length} records ${arrived.length} arrived: ${arrived.join()}`);
    }
    return result;
  } finally {
    agent.destroy();
  }
}

let count = 0;

function postOn(agent: Agent, http: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const call = request(`${http}/v1/logs`, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    call.on('error', reject);
    call.end(body);
  });
}
