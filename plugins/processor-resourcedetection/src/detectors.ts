import type { AnyValueInput } from '@millrace/otlp';
import { detectContainer } from './detect-container.ts';
import { detectEnv } from './detect-env.ts';
import { detectProcess } from './detect-process.ts';
import { detectSystem } from './detect-system.ts';
import type { Detected } from './detected.ts';
import type { DetectionSettings } from './detection-settings.ts';
import type { Machine } from './machine.ts';

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
};

/** Runs the detectors in order; the first that finds an attribute decides it. Throws ComponentError when one fails. */
export function detect(machine: Machine, settings: DetectionSettings): ReadonlyMap<string, AnyValueInput> {
  const found = new Map<string, AnyValueInput>();
  for (const name of settings.detectors) {
    for (const [attribute, value] of Object.entries(DETECTORS[name.trim()](machine, settings))) {
      if (value === undefined || found.has(attribute)) continue;
      if (settings.attributes.length === 0 || settings.attributes.includes(attribute)) found.set(attribute, value);
    }
  }
  return found;
}

function enabled(detected: Detected, flags: Readonly<Record<string, { readonly enabled: boolean }>>): Detected {
  return Object.fromEntries(
    Object.entries(detected).filter(
      ([attribute, value]) => attribute in flags && flags[attribute].enabled && value !== '' && !isEmptyList(value),
    ),
  );
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function only(detected: Detected, allowed: readonly string[] | undefined): Detected {
  if (allowed === undefined) return detected;
  return Object.fromEntries(Object.entries(detected).filter(([attribute]) => allowed.includes(attribute)));
}
