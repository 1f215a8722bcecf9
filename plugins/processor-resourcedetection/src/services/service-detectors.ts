import { messageOf } from '@millrace/api';
import type { Detected } from '../detected.ts';
import { detectAks, detectAzure } from './detect-azure.ts';
import { detectDocker } from './detect-docker.ts';
import { detectEc2 } from './detect-ec2.ts';
import { detectEcs } from './detect-ecs.ts';
import { detectGcp } from './detect-gcp.ts';
import { detectConsul, detectDigitalOcean, detectHetzner } from './detect-hosters.ts';
import type { ServiceDetector, Surroundings } from './service-detector.ts';

/** Detectors that ask a service. */
export const SERVICE_DETECTORS = {
  aks: detectAks,
  azure: detectAzure,
  consul: detectConsul,
  digitalocean: detectDigitalOcean,
  docker: detectDocker,
  ec2: detectEc2,
  ecs: detectEcs,
  gcp: detectGcp,
  hetzner: detectHetzner,
} as const satisfies Readonly<Record<string, ServiceDetector>>;

export type ServiceName = keyof typeof SERVICE_DETECTORS;

/** What the services told, by detector. */
export interface ServiceAnswers {
  readonly found: Readonly<Record<string, Detected>>;
  /** Why there is nothing, of those that told nothing. */
  readonly failures: Readonly<Record<string, string>>;
}

/** Asks all of them at the same time. */
export async function askServices(names: readonly ServiceName[], around: Surroundings): Promise<ServiceAnswers> {
  const found: Record<string, Detected> = {};
  const failures: Record<string, string> = {};
  await Promise.all(
    names.map(async (name) => {
      try {
        found[name] = await SERVICE_DETECTORS[name](around);
      } catch (error) {
        failures[name] = messageOf(error);
      }
    }),
  );
  return { found, failures };
}

/** The detector with this name, where it asks a service; `gce` and `gke` are older names. */
export function serviceName(detector: string): ServiceName | undefined {
  const name = OLDER_NAMES[detector] ?? detector;
  return Object.hasOwn(SERVICE_DETECTORS, name) ? (name as ServiceName) : undefined;
}

const OLDER_NAMES: Readonly<Record<string, string>> = { gce: 'gcp', gke: 'gcp' };
