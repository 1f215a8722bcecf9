import { CONNECTOR_RULES } from './connector-rules.ts';
import { EXAMPLE_RULES } from './example-rules.ts';
import { EXPORTER_RULES } from './exporter-rules.ts';
import { IDENTITY_RULES } from './identity-rules.ts';
import { LIFECYCLE_RULES } from './lifecycle-rules.ts';
import { PIPELINE_ACCOUNTING_RULES } from './pipeline-accounting-rules.ts';
import { PLACEMENT_RULES } from './placement-rules.ts';
import { PRESSURE_RULES } from './pressure-rules.ts';
import { PURITY_RULES } from './purity-rules.ts';
import { RECEIVER_RULES } from './receiver-rules.ts';
import type { Rule } from './rule.ts';
import { RELOAD_RULES } from './reload-rules.ts';
import { SCHEMA_RULES } from './schema-rules.ts';
import { SOURCE_RULES } from './source-rules.ts';
import { STORAGE_RULES } from './storage-rules.ts';
import { STATEFUL_RULES } from './stateful-rules.ts';
import { TRUTH_RULES } from './truth-rules.ts';

/** All promises, in the order in which they are looked at. */
export const RULES: readonly Rule[] = [
  ...IDENTITY_RULES,
  ...SCHEMA_RULES,
  ...EXAMPLE_RULES,
  ...LIFECYCLE_RULES,
  ...TRUTH_RULES,
  ...PURITY_RULES,
  ...PIPELINE_ACCOUNTING_RULES,
  ...STATEFUL_RULES,
  ...CONNECTOR_RULES,
  ...RECEIVER_RULES,
  ...SOURCE_RULES,
  ...EXPORTER_RULES,
  ...STORAGE_RULES,
  ...RELOAD_RULES,
  ...PRESSURE_RULES,
  ...PLACEMENT_RULES,
];
