import { ComponentError, defineProcessor, type StatefulHost } from '@millrace/api';
import { OttlErrors } from '@millrace/ottl';
import { checkRateLimit } from './check-rate-limit.ts';
import { asksForSender } from './key-reader.ts';
import { rateLimitSettings, type RateLimitSettings } from './rate-limit-settings.ts';
import { RateLimiter } from './rate-limiter.ts';

/** Limits how much passes in a second, for each tenant, service, or whatever tells items apart. */
export default defineProcessor({
  type: 'rate_limit',
  summary: 'Limits items or bytes per second for each key, and drops, refuses, samples or marks the rest.',
  stability: 'beta',
  config: rateLimitSettings,
  examples: [
    {
      title: 'A thousand items a second for each service; the rest is dropped',
      yaml: 'rate_limit: { key: { resource_attributes: [service.name] }, limit: 1000, burst: 5000 }',
    },
    {
      title: 'A megabyte a second for each tenant; who sends more is told when to try again',
      yaml: 'rate_limit/tenants: { key: { metadata: [x-tenant] }, limit: 1000000, unit: bytes, excess: refuse }',
    },
    {
      title: 'One of a hundred of what is too much, which says that it stands for a hundred',
      yaml: [
        'rate_limit/sampled:',
        '  key: { resource_attributes: [service.name], attributes: [http.route] }',
        '  limit: 50',
        '  excess: sample',
        '  sample: { ratio: 0.01 }',
      ].join('\n'),
    },
    {
      title: 'Mark what is too much, for a routing connector to send elsewhere',
      yaml: [
        'rate_limit/marked:',
        '  key: { expressions: [\'Concat([resource.attributes["service.name"], scope.name], "/")\'] }',
        '  limit: 100',
        '  excess: tag',
      ].join('\n'),
    },
  ],
  check: checkRateLimit,
  usesContext: ({ key }) => asksForSender(key),
  stateful: { signals: ['logs', 'traces', 'metrics'], create: limiterFor },
});

function limiterFor(settings: RateLimitSettings, host: StatefulHost): RateLimiter {
  try {
    return new RateLimiter(settings, host);
  } catch (error) {
    if (!(error instanceof OttlErrors)) throw error;
    throw new ComponentError(`a key expression of "${host.id}" cannot be used for ${host.signal}: ${error.message}`, {
      code: 'OTTL_KEY',
      remedy: `name something that ${host.signal} have, or use another rate_limit in this pipeline`,
      cause: error,
    });
  }
}
