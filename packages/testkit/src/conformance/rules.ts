import { EXAMPLE_RULES } from './example-rules.ts';
import { IDENTITY_RULES } from './identity-rules.ts';
import { LIFECYCLE_RULES } from './lifecycle-rules.ts';
import type { Rule } from './rule.ts';
import { SCHEMA_RULES } from './schema-rules.ts';

/** All promises, in the order in which they are looked at. */
export const RULES: readonly Rule[] = [...IDENTITY_RULES, ...SCHEMA_RULES, ...EXAMPLE_RULES, ...LIFECYCLE_RULES];
