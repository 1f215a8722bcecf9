import type { Detected } from '../detected.ts';
import type { DetectionSettings } from '../detection-settings.ts';
import type { Asker } from './asker.ts';

/** What a detector may use that asks a service. */
export interface Surroundings {
  readonly asker: Asker;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  readonly settings: DetectionSettings;
  /** Replaces the address of the services at 169.254.169.254, for tests. */
  readonly linkLocal?: string;
}

/** Finds attributes; nothing where it does not run on its platform. Rejects where the platform's service does not answer. */
export type ServiceDetector = (around: Surroundings) => Promise<Detected>;

/** Where clouds have the service that tells a machine about itself. */
export function linkLocal({ linkLocal: address }: Surroundings): string {
  return address ?? 'http://169.254.169.254';
}
