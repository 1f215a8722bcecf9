import { Type } from '@millrace/api';
import type { ConfigFault, Schema, Static } from '@millrace/api';
import { auth } from './auth-config.ts';
import { parseTarget } from './endpoint.ts';
import { headerList } from './header-list.ts';
import { faultOf } from './network-config.ts';
import { middlewares } from './middlewares.ts';
import { checkTls, tlsClient } from './tls-config.ts';

/** configgrpc.ClientConfig: spread it into a component's `Type.Object`. */
export const grpcClientSettings = (defaults: { writeBufferSize?: number } = {}) => ({
  endpoint: Type.String({
    minLength: 1,
    description: 'Server: "host:port", with "https://" to force TLS, "dns:///host:port" or "unix:/path".',
  }),
  compression: Type.Enum(['gzip', 'zstd', 'snappy', 'none', ''], {
    default: 'gzip',
    description: 'Compression of requests.',
  }),
  tls: tlsClient(),
  keepalive: Type.Object(
    {
      time: Type.Duration({
        default: '10s',
        description: 'A silent server is pinged after this; at least 10s; 0: never.',
      }),
      timeout: Type.Duration({
        default: '10s',
        description: 'The connection is closed when no answer comes in this time.',
      }),
      permit_without_stream: Type.Boolean({
        default: false,
        description: 'Whether pings are sent without a call under way.',
      }),
    },
    { description: 'How dead connections are noticed.' },
  ),
  balancer_name: Type.Enum(['round_robin', 'pick_first'], {
    default: 'round_robin',
    description: 'How calls are spread over the addresses of the endpoint.',
  }),
  headers: Type.Optional(headerList('Metadata sent with every call.')),
  authority: Type.Optional(Type.String({ description: 'Value of ":authority" instead of the endpoint.' })),
  wait_for_ready: Type.Boolean({
    default: false,
    description: 'Whether calls wait for a broken connection to come back instead of failing at once.',
  }),
  middlewares: middlewares(),
  auth: Type.Optional(auth('Extension that signs calls.')),
  user_agent: Type.Optional(Type.String({ description: 'Value of "user-agent".' })),
  read_buffer_size: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'Accepted for compatibility; responses are small.',
  }),
  write_buffer_size: Type.Integer({
    default: defaults.writeBufferSize ?? 512 * 1024,
    minimum: 0,
    description: 'Accepted for compatibility; requests are written at once.',
  }),
});

const whole = () => Type.Object(grpcClientSettings());

/** The decoded settings of a gRPC client. */
export type GrpcClientConfig = Static<ReturnType<typeof whole>>;

/** A schema of these settings alone. */
export const grpcClientSchema = (): Schema<GrpcClientConfig> => whole();

/** What the schema cannot say about a gRPC client. */
export function checkGrpcClient(config: GrpcClientConfig, path: readonly (string | number)[] = []): ConfigFault[] {
  return [
    ...faultOf([...path, 'endpoint'], () => parseTarget(config.endpoint)),
    ...checkTls(config.tls, [...path, 'tls'], 'client'),
  ];
}
