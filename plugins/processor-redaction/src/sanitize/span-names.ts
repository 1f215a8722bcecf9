import { key, type SpanView } from '@millrace/otlp';
import { databaseSystemOf, DatabaseStatements } from './database-statements.ts';
import type { SanitizerSettings } from './sanitizers.ts';
import { isAllReplaced, UrlPaths } from './url-paths.ts';

export interface SpanNameSettings extends SanitizerSettings {
  readonly url_sanitizer: SanitizerSettings['url_sanitizer'] & { readonly sanitize_span_name: boolean };
  readonly db_sanitizer: SanitizerSettings['db_sanitizer'] & { readonly sanitize_span_name: boolean };
}

/** SpanKind of the protocol. */
const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;

/** A span with one of these is one of HTTP, whatever its name is. */
const HTTP_KEYS = [
  'http.route',
  'http.request.method',
  'http.request.method_original',
  'http.response.status_code',
  'url.full',
  'http.scheme',
  'http.target',
  'http.method',
  'http.url',
].map((name) => key(name));

/** Takes ids and literals out of names of spans: first as of a path, and as of a statement where that changed nothing. */
export class SpanNames {
  readonly #urls: UrlPaths | undefined;
  readonly #databases: DatabaseStatements | undefined;
  readonly #isAllowed: (name: string) => boolean;

  /** Names that are allowed stay as they are. */
  constructor(settings: SpanNameSettings, isAllowed: (name: string) => boolean) {
    const { url_sanitizer, db_sanitizer } = settings;
    const databases = db_sanitizer.sanitize_span_name ? new DatabaseStatements(db_sanitizer) : undefined;
    this.#urls = url_sanitizer.enabled && url_sanitizer.sanitize_span_name ? new UrlPaths() : undefined;
    this.#databases = databases?.isOff === false ? databases : undefined;
    this.#isAllowed = isAllowed;
  }

  apply(span: SpanView): void {
    if (this.#urls === undefined && this.#databases === undefined) return;
    const { name, kind } = span;
    if (kind !== CLIENT && kind !== SERVER && kind !== INTERNAL) return;
    if (this.#isAllowed(name)) return;
    const after = this.#asPath(span, name) ?? this.#asStatement(span, name);
    // A statement that was cut short may have nothing left but its ellipsis.
    if (after !== undefined && after !== '' && after !== '...') span.name = after;
  }

  #asPath(span: SpanView, name: string): string | undefined {
    if (this.#urls === undefined || span.kind === INTERNAL) return undefined;
    if (!name.includes('/') && !HTTP_KEYS.some((each) => span.attributes.has(each))) return undefined;
    const clustered = this.#urls.cluster(name);
    return clustered === name || isAllReplaced(clustered) ? undefined : clustered;
  }

  #asStatement(span: SpanView, name: string): string | undefined {
    if (this.#databases === undefined) return undefined;
    const sanitized = this.#databases.spanName(name, databaseSystemOf(span.attributes));
    return sanitized === name ? undefined : sanitized;
  }
}
