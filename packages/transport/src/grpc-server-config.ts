import { Type } from '@millrace/api';
import type { ConfigFault, Schema, Static } from '@millrace/api';
import { auth } from './auth-config.ts';
import { checkEndpoint, transport } from './network-config.ts';
import { middlewares } from './middlewares.ts';
import { checkTls, tlsServer } from './tls-config.ts';

export interface GrpcServerDefaults {
  readonly endpoint: string;
  readonly readBufferSize?: number;
}

/** configgrpc.ServerConfig: spread it into a component's `Type.Object`. */
export const grpcServerSettings = (defaults: GrpcServerDefaults) => ({
  endpoint: Type.String({
    default: defaults.endpoint,
    description: 'Address to listen on: "host:port" or "unix:/path".',
  }),
  transport: transport(),
  tls: Type.Optional(tlsServer()),
  middlewares: middlewares(),
  auth: Type.Optional(auth('Extension that checks incoming calls.')),
  max_recv_msg_size_mib: Type.Integer({
    default: 4,
    minimum: 0,
    description: 'Largest message in MiB, as sent and after decompression; 0: the default of 4.',
  }),
  max_concurrent_streams: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'Most calls under way on one connection; 0: 1,000.',
  }),
  read_buffer_size: Type.Integer({
    default: defaults.readBufferSize ?? 0,
    minimum: 0,
    description: 'Bytes that a call may send ahead of their being read (flow-control window); at least 1 MiB.',
  }),
  write_buffer_size: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'Accepted for compatibility; responses are written at once.',
  }),
  keepalive: serverKeepalive(),
  include_metadata: Type.Boolean({ default: false, description: 'Whether call metadata is shown to processors.' }),
});

/** grpc-go's defaults: 2 h between pings, 20 s for their answer, 5 min between a client's pings, everything else endless. */
const serverKeepalive = () =>
  Type.Object(
    {
      server_parameters: Type.Object(
        {
          max_connection_idle: Type.Duration({
            default: '0',
            description: 'Idle connections are closed after this; 0: never.',
          }),
          max_connection_age: Type.Duration({
            default: '0',
            description: 'Connections are asked to reconnect after this, ±10 %; 0: never.',
          }),
          max_connection_age_grace: Type.Duration({
            default: '0',
            description: 'Time for calls under way to end after that; 0: no limit.',
          }),
          time: Type.Duration({ default: '2h', description: 'A silent client is pinged after this.' }),
          timeout: Type.Duration({
            default: '20s',
            description: 'Its connection is closed when it does not answer in this time.',
          }),
        },
        { description: 'What the server does about idle, old and silent connections.' },
      ),
      enforcement_policy: Type.Object(
        {
          min_time: Type.Duration({
            default: '5m',
            description: 'Clients that ping more often than this are disconnected.',
          }),
          permit_without_stream: Type.Boolean({
            default: false,
            description: 'Whether clients may ping without a call under way.',
          }),
        },
        { description: 'What clients may do to keep connections alive.' },
      ),
    },
    { description: 'Life of idle and old connections.' },
  );

const whole = (defaults: GrpcServerDefaults) => Type.Object(grpcServerSettings(defaults));

/** The decoded settings of a gRPC server. */
export type GrpcServerConfig = Static<ReturnType<typeof whole>>;
export type ServerKeepaliveConfig = GrpcServerConfig['keepalive'];

/** A schema of these settings alone. */
export const grpcServerSchema = (defaults: GrpcServerDefaults): Schema<GrpcServerConfig> => whole(defaults);

/** What the schema cannot say about a gRPC server. */
export function checkGrpcServer(config: GrpcServerConfig, path: readonly (string | number)[] = []): ConfigFault[] {
  return [
    ...checkEndpoint(config.endpoint, config.transport, [...path, 'endpoint']),
    ...checkTls(config.tls, [...path, 'tls'], 'server'),
  ];
}
