/**
 * Notes which keys the Collector's own components have, from the schemas that its Go modules carry, in
 * `scripts/generate/collector-facts.json`; `npm run generate` compares them with ours. Run it when a newer release is to be followed:
 *
 *     go mod download <modules>
 *     node scripts/collector-facts.ts [module cache]
 *
 * Only names are taken. What has no schema in the cache is left as it was noted before.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { CollectorSchemas } from './compat/collector-schemas.ts';
import { FACTS_FILE, type CollectorComponent, type CollectorFacts } from './compat/collector-facts.ts';

const CORE = 'go.opentelemetry.io/collector';
const CONTRIB = 'github.com/open-telemetry/opentelemetry-collector-contrib';

/** Components that Millrace has, by the name that both call them, and the module of the Collector's. */
const MODULES: Readonly<Record<string, string>> = {
  'receiver otlp': `${CORE}/receiver/otlpreceiver`,
  'processor attributes': `${CONTRIB}/processor/attributesprocessor`,
  'processor batch': `${CORE}/processor/batchprocessor`,
  'processor cumulativetodelta': `${CONTRIB}/processor/cumulativetodeltaprocessor`,
  'processor filter': `${CONTRIB}/processor/filterprocessor`,
  'processor groupbyattrs': `${CONTRIB}/processor/groupbyattrsprocessor`,
  'processor memory_limiter': `${CORE}/processor/memorylimiterprocessor`,
  'processor probabilistic_sampler': `${CONTRIB}/processor/probabilisticsamplerprocessor`,
  'processor redaction': `${CONTRIB}/processor/redactionprocessor`,
  'processor resource': `${CONTRIB}/processor/resourceprocessor`,
  'processor resourcedetection': `${CONTRIB}/processor/resourcedetectionprocessor`,
  'processor span': `${CONTRIB}/processor/spanprocessor`,
  'processor tail_sampling': `${CONTRIB}/processor/tailsamplingprocessor`,
  'processor transform': `${CONTRIB}/processor/transformprocessor`,
  'exporter debug': `${CORE}/exporter/debugexporter`,
  'exporter file': `${CONTRIB}/exporter/fileexporter`,
  'exporter otlp': `${CORE}/exporter/otlpexporter`,
  'exporter otlphttp': `${CORE}/exporter/otlphttpexporter`,
  'connector count': `${CONTRIB}/connector/countconnector`,
  'connector routing': `${CONTRIB}/connector/routingconnector`,
  'connector spanmetrics': `${CONTRIB}/connector/spanmetricsconnector`,
  'extension file_storage': `${CONTRIB}/extension/storage/filestorage`,
  'extension pprof': `${CONTRIB}/extension/pprofextension`,
  'extension zpages': `${CORE}/extension/zpagesextension`,
  'extension health_check': `${CONTRIB}/extension/healthcheckextension`,
};

const root = path.dirname(import.meta.dirname);
const file = path.join(root, FACTS_FILE);
const [cache = path.join(homedir(), 'go/pkg/mod')] = process.argv.slice(2);
const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CollectorFacts).components : {};
const schemas = new CollectorSchemas(cache);
const components: Record<string, CollectorComponent> = {};
for (const [name, module] of Object.entries(MODULES)) {
  const found = schemas.keysOf(module) ?? before[name];
  if (found === undefined) console.log(`${name}: no schema of ${module} in ${cache}`);
  else components[name] = found;
}
for (const reference of schemas.unresolved) console.log(`cannot follow ${reference}; what is below it is left out`);
const facts: CollectorFacts = { components };
writeFileSync(file, `${JSON.stringify(facts, undefined, 2)}\n`);
console.log(`wrote ${FACTS_FILE}: ${Object.keys(components).length} components`);
