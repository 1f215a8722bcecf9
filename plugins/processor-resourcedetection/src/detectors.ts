import type { AnyValueInput } from '@millrace/otlp';
import type { Flags } from './attribute-flags.ts';
import { detectContainer } from './detect-container.ts';
import { detectEnv } from './detect-env.ts';
import { detectHeroku, detectLambda } from './detect-platform.ts';
import { detectProcess } from './detect-process.ts';
import { detectSystem } from './detect-system.ts';
import type { Detected } from './detected.ts';
import type { DetectionSettings } from './detection-settings.ts';
import type { Machine } from './machine.ts';
import { type ServiceAnswers, type ServiceName, serviceName } from './services/service-detectors.ts';

/** Detectors that ask nobody. */
type Detector = (machine: Machine, settings: DetectionSettings) => Detected;

export const DETECTORS: Readonly<Record<string, Detector>> = {
  env: (machine, { env }) => only(detectEnv(machine), env.allowlist),
  system: (machine, { system }) =>
    enabled(
      detectSystem(machine, system.hostname_sources.length === 0 ? ['dns', 'os'] : system.hostname_sources),
      system.resource_attributes,
    ),
  process: (machine, { process }) => enabled(detectProcess(machine), process.resource_attributes),
  container: (machine, { container }) => enabled(detectContainer(machine), container.resource_attributes),
  lambda: (machine, { lambda }) => enabled(detectLambda(machine), lambda.resource_attributes),
  heroku: (machine, { heroku }) => enabled(detectHeroku(machine), heroku.resource_attributes),
};

/** Attributes found, and why some could not be. */
export interface Findings {
  readonly attributes: ReadonlyMap<string, AnyValueInput>;
  /** By detector that asked a service in vain. */
  readonly failures: Readonly<Record<string, string>>;
}

/** The services that the detectors ask. */
export function servicesOf({ detectors }: DetectionSettings): ServiceName[] {
  return [...new Set(detectors.map((name) => serviceName(name.trim())))].filter((name) => name !== undefined);
}

/**
 * Runs the detectors in order; the first that finds an attribute decides it. Waits for services, if some detectors ask
 * them. Throws ComponentError when one fails that asks nobody.
 */
export function detect(machine: Machine, settings: DetectionSettings): Findings {
  const services = servicesOf(settings);
  const answers = services.length === 0 ? NO_ANSWERS : machine.ask(services, settings);
  const attributes = new Map<string, AnyValueInput>();
  for (const name of settings.detectors.map((text) => text.trim())) {
    const service = serviceName(name);
    const detected =
      service === undefined
        ? DETECTORS[name](machine, settings)
        : withTags(answers.found[service] ?? {}, settings[service].resource_attributes);
    for (const [attribute, value] of Object.entries(detected)) {
      if (value === undefined || attributes.has(attribute)) continue;
      if (settings.attributes.length === 0 || settings.attributes.includes(attribute)) attributes.set(attribute, value);
    }
  }
  return { attributes, failures: answers.failures };
}

const NO_ANSWERS: ServiceAnswers = { found: {}, failures: {} };

function enabled(detected: Detected, flags: Flags): Detected {
  return Object.fromEntries(
    Object.entries(detected).filter(
      ([attribute, value]) => attribute in flags && flags[attribute].enabled && value !== '' && !isEmptyList(value),
    ),
  );
}

/** What is enabled, and tags, which have no flags, as they were asked for by their names. */
function withTags(detected: Detected, flags: Flags): Detected {
  const tags = Object.entries(detected).filter(([attribute]) => !(attribute in flags));
  return { ...enabled(detected, flags), ...Object.fromEntries(tags) };
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function only(detected: Detected, allowed: readonly string[] | undefined): Detected {
  if (allowed === undefined) return detected;
  return Object.fromEntries(Object.entries(detected).filter(([attribute]) => allowed.includes(attribute)));
}
