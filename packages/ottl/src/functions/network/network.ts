import type { OttlFunction } from '../../function/define-function.ts';
import { communityId } from './community-id.ts';
import { isInCidr } from './is-in-cidr.ts';
import { url } from './url.ts';
import { userAgent } from './user-agent.ts';

/** Converters for addresses, URLs and clients. In alphabetical order. */
export const NETWORK: readonly OttlFunction[] = [communityId, isInCidr, url, userAgent];
