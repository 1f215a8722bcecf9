import { ComponentError, Type } from '@millrace/api';
import type { ConfigFault } from '@millrace/api';
import { parseListenEndpoint } from './endpoint.ts';
import type { TransportName } from './endpoint.ts';

/** `transport` of a listening endpoint (confignet.AddrConfig). */
export const transport = () =>
  Type.Enum(['tcp', 'tcp4', 'tcp6', 'unix'], { default: 'tcp', description: 'Network that `endpoint` belongs to.' });

/** Reports an endpoint that cannot be listened on. */
export function checkEndpoint(
  endpoint: string,
  name: TransportName,
  path: readonly (string | number)[],
): ConfigFault[] {
  return faultOf(path, () => parseListenEndpoint(endpoint, name));
}

/** The fault that `parse` throws, if it does. */
export function faultOf(path: readonly (string | number)[], parse: () => unknown): ConfigFault[] {
  try {
    parse();
    return [];
  } catch (error) {
    if (!(error instanceof ComponentError)) throw error;
    return [{ path, message: error.message, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) }];
  }
}
