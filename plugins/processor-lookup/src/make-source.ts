import type { StatefulHost } from '@millrace/api';
import { headerPairs } from '@millrace/transport';
import type { SourceSettings } from './lookup-settings.ts';
import { DnsSource } from './source/dns-source.ts';
import { FileTable } from './source/file-table.ts';
import { HttpSource } from './source/http-source.ts';
import { InlineTable } from './source/inline-table.ts';
import type { LookupSource } from './source/lookup-source.ts';
import { SqliteSource } from './source/sqlite-source.ts';
import { csvParser } from './table/parse-csv.ts';
import { jsonLinesParser, jsonParser } from './table/parse-json.ts';
import { yamlParser } from './table/parse-yaml.ts';
import type { ParseTable } from './table/table.ts';

/** Makes the source that the settings name; no I/O yet. */
export function makeSource(
  settings: SourceSettings,
  host: StatefulHost,
  onReload: (ok: boolean) => void,
): LookupSource {
  const { clock, logger } = host;
  const { path = '', reload_interval: reloadIntervalMs, timeout: timeoutMs, max_concurrency: concurrency } = settings;
  const fileTable = (parse: ParseTable) =>
    new FileTable({ path, parse, reloadIntervalMs, bytesMax: settings.max_file_bytes, clock, logger, onReload });
  switch (settings.type) {
    case 'noop':
      return new InlineTable();
    case 'inline':
      return new InlineTable(settings.table);
    case 'csv':
      return fileTable(csvParser(settings));
    case 'json':
      return fileTable(jsonParser(settings));
    case 'jsonl':
      return fileTable(jsonLinesParser(settings));
    case 'yaml':
      return fileTable(yamlParser(settings));
    case 'sqlite': {
      const { query = '' } = settings;
      return new SqliteSource({ path, query, timeoutMs, reloadIntervalMs, clock, logger, onReload });
    }
    case 'dns':
      return new DnsSource({ server: settings.server ?? '', timeoutMs, concurrency });
    case 'http':
      return new HttpSource({
        url: settings.url ?? '',
        headers: Object.fromEntries(headerPairs(settings.headers)),
        timeoutMs,
        concurrency,
        bodyBytesMax: settings.max_response_bytes,
        pointer: settings.pointer,
        tls: settings.tls,
        userAgent: `Millrace/${host.version}`,
        clock,
        logger,
      });
  }
}

/** Sources that tell integers from doubles: their integers are bigint. */
export function hasExactNumbers({ type }: SourceSettings): boolean {
  return type === 'yaml' || type === 'sqlite';
}
