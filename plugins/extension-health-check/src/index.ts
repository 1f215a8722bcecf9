import { type ConfigFault, defineExtension, Type } from '@millrace/api';
import { checkHttpServer, ExtensionServer, httpServerSettings } from '@millrace/transport';
import { healthAnswers } from './health-answers.ts';

/** The Collector refuses these keys, too, unless a feature gate is set. */
const LATER_FORM = 'write endpoint and path beside each other; /health tells the state of every component';

/** Says over HTTP whether the collector works, for load balancers, orchestrators and people. */
export default defineExtension({
  type: 'health_check',
  summary: 'Answers over HTTP whether the collector works: as a whole, as a probe, and for each component.',
  stability: 'beta',
  config: Type.Object({
    ...httpServerSettings({ endpoint: 'localhost:13133' }),
    path: Type.String({
      default: '/',
      pattern: '^/',
      description: 'Path of the answer that the Collector gives: 200 when ready, 503 otherwise.',
    }),
    response_body: Type.Optional(
      Type.Object(
        {
          healthy: Type.String({ default: '', description: 'Body of the answer when ready.' }),
          unhealthy: Type.String({ default: '', description: 'Body of the answer otherwise.' }),
        },
        { description: 'Replaces the JSON body of `path`.' },
      ),
    ),
    check_collector_pipeline: Type.Inert(
      'A check of exporters that does not work in the Collector either; `/health` tells the state of every component.',
    ),
    use_v2: Type.Boolean({ default: false, description: 'The later form of the settings; only false.' }),
    component_health: Type.Inert('Which errors the later form counts; `/health` tells of all of them.'),
    http: Type.Unsupported('The later form of the settings', LATER_FORM),
    grpc: Type.Unsupported('The gRPC health protocol', LATER_FORM),
  }),
  examples: [
    { title: 'Defaults: localhost:13133', yaml: 'health_check:' },
    { title: 'For probes from other hosts', yaml: 'health_check: { endpoint: 0.0.0.0:13133, path: /health/status }' },
  ],
  check(config): readonly ConfigFault[] {
    const faults = [...checkHttpServer(config)];
    if (config.use_v2)
      faults.push({ path: ['use_v2'], message: 'the later form is not supported', remedy: LATER_FORM });
    if (PROBE_PATHS.has(config.path)) {
      faults.push({ path: ['path'], message: `${config.path} is one of the built-in paths`, remedy: 'choose another' });
    }
    return faults;
  },
  create: (config, host) =>
    new ExtensionServer({ config, host, answers: healthAnswers(config, host), home: config.path }),
});

const PROBE_PATHS = new Set(['/healthz', '/ready', '/health']);
