import type { ClientInfo } from '../compile/frame.ts';
import { EMPTY_MAP } from '../compile/frame.ts';
import type { Value } from '../value/value.ts';
import type { Field, PathTable } from './field.ts';

type Metadata = ReadonlyMap<string, readonly string[]>;

/** Headers: all of them, or the first value of one, whose name is taken in lowercase. */
function metadataField(of: (client: ClientInfo) => Metadata | undefined): Field<ClientInfo | null> {
  const metadata = (client: ClientInfo | null): Metadata | undefined => (client === null ? undefined : of(client));
  return {
    shown: 'pcommon.Map',
    type: 'map',
    isIndexable: true,
    get: (client) => new Map<string, Value>(metadata(client)),
    entry: {
      get: (client, key) => metadata(client)?.get(key.toLowerCase())?.[0] ?? null,
      set: () => undefined,
    },
  };
}

/** `otelcol.*`: what is known of the request that telemetry came with. None of it can be written. */
export const REQUEST_PATHS: PathTable<ClientInfo | null> = {
  'client.addr': { shown: 'string', type: 'string', get: (client) => client?.addr ?? '' },
  'client.auth.attributes': {
    shown: 'pcommon.Map',
    type: 'map',
    isIndexable: true,
    get: (client) => client?.authAttributes ?? EMPTY_MAP,
  },
  'client.metadata': metadataField((client) => client.metadata),
  'grpc.metadata': metadataField((client) => client.grpcMetadata),
};
