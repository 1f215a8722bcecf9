/**
 * What the rate_limit processor costs the main thread, on 1,000 log records of 10 services with 4 attributes each:
 *
 *     node benchmarks/micro/rate-limit.ts
 *
 * Ratios count, not absolutes.
 */
import { LogsBuilder } from '../../packages/otlp/src/index.ts';
import rateLimit from '../../plugins/processor-rate-limit/src/index.ts';
import { measure } from './measure.ts';
import { PlainBatch, PlainHost } from './plain-host.ts';

const RECORDS = 1000;
const SERVICES = 10;

const builder = new LogsBuilder();
for (let service = 0; service < SERVICES; service++) {
  const resource = builder.addResource();
  resource.attributes.set('service.name', `service-${service}`);
  const scope = resource.addScope();
  for (let i = 0; i < RECORDS / SERVICES; i++) {
    const record = scope.addRecord();
    record.body = `request ${i} completed in ${i % 13} ms, with a few more words about it`;
    for (const name of ['http.route', 'http.request.method', 'session.id'])
      record.attributes.set(name, `${name} ${i % 20}`);
    record.attributes.set('user.id', `user-${(i * 104_729) % 100}`);
  }
}
const request = builder.build().toBytes();

/** Time stands still: what passes is the burst. */
const host = new PlainHost('logs');

type Settings = Parameters<NonNullable<typeof rateLimit.stateful>['create']>[0];
const NO_KEY = { resource_attributes: [], attributes: [], expressions: [], metadata: [], client_address: false };

function run(key: Partial<Settings['key']>, more: Partial<Settings> = {}): () => void {
  const limiter = rateLimit.stateful!.create(
    {
      key: { ...NO_KEY, ...key },
      limit: 1e12,
      unit: 'items',
      max_keys: 10_000,
      excess: 'drop',
      sample: { ratio: 0.1, attribute: 'adjusted' },
      tag: { attribute: 'exceeded' },
      ...more,
    },
    host,
  );
  const batch = new PlainBatch('logs', [request]);
  return () => void limiter.consume(batch);
}

const BY_SERVICE = { resource_attributes: ['service.name'] };
const NONE_LEFT = { limit: 1e-9, burst: 1 };
const CASES: Readonly<Record<string, () => void>> = {
  'everything together': run({}),
  'by resource attribute': run(BY_SERVICE),
  'by resource attribute, bytes': run(BY_SERVICE, { unit: 'bytes' }),
  'by OTTL expression of the resource': run({ expressions: ['resource.attributes["service.name"]'] }),
  'by item attribute': run({ attributes: ['user.id'] }),
  'by OTTL expression of the item': run({ expressions: ['log.attributes["user.id"]'] }),
  'by resource attribute, all dropped': run(BY_SERVICE, NONE_LEFT),
  'by resource attribute, all sampled 1:10': run(BY_SERVICE, { ...NONE_LEFT, excess: 'sample' }),
  'by resource attribute, all marked': run(BY_SERVICE, { ...NONE_LEFT, excess: 'tag' }),
  'by resource attribute, all refused': run(BY_SERVICE, { ...NONE_LEFT, excess: 'refuse' }),
};

process.on('unhandledRejection', () => undefined);
console.log(`node ${process.version}; ${Math.round(request.length / RECORDS)} bytes a record`);
for (const [name, each] of Object.entries(CASES)) measure(name, RECORDS, each);
if (host.passedItems === 0) console.log('nothing was passed');
