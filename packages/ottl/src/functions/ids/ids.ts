import type { OttlFunction } from '../../function/define-function.ts';
import { profileId } from './profile-id.ts';
import { spanId } from './span-id.ts';
import { traceId } from './trace-id.ts';
import { uuid } from './uuid.ts';
import { uuidV7 } from './uuidv7.ts';

/** Converters that make ids. In alphabetical order. */
export const IDS: readonly OttlFunction[] = [profileId, spanId, traceId, uuid, uuidV7];
