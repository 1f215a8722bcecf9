import { defineExtension, Type } from '@millrace/api';
import { checkHttpServer, httpServerSettings } from '@millrace/transport';
import { ProfileServer } from './profile-server.ts';

const fraction = (of: string) => Type.Inert(`Share of ${of} events that Go profiles: V8 has none of them.`);

/** Takes profiles of the running collector, for people who look for time and memory. */
export default defineExtension({
  type: 'pprof',
  summary: 'Serves CPU and heap profiles of the main thread in the formats of V8, for the DevTools of a browser.',
  stability: 'beta',
  config: Type.Object({
    ...httpServerSettings({ endpoint: 'localhost:1777', writeTimeout: '0' }),
    block_profile_fraction: fraction('blocking'),
    mutex_profile_fraction: fraction('mutex'),
    save_to_file: Type.String({
      default: '',
      description: 'File for a CPU profile from the start of the collector to its end; empty: none is taken.',
    }),
  }),
  examples: [
    { title: 'Defaults: localhost:1777', yaml: 'pprof:' },
    { title: 'On another port', yaml: 'pprof/other: { endpoint: "localhost:1888" }' },
  ],
  check: (config) => checkHttpServer(config),
  create: (config, host) => new ProfileServer(config, host),
});
