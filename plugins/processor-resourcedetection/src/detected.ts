import type { AnyValueInput } from '@millrace/otlp';

/** What a detector found, by attribute. What it could not find is undefined. */
export type Detected = Readonly<Record<string, AnyValueInput | undefined>>;
