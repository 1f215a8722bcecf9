export * from './endpoint.ts';
export * from './grpc-client-config.ts';
export * from './grpc-server-config.ts';
export * from './header-list.ts';
export * from './http-client-config.ts';
export * from './http-server-config.ts';
export * from './tls-config.ts';
