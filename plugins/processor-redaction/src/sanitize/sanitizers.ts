import { key, type AttributesView, type Key } from '@millrace/otlp';
import { databaseSystemOf, DatabaseStatements, type DatabasesSettings } from './database-statements.ts';
import { UrlPaths } from './url-paths.ts';

export interface SanitizerSettings {
  readonly url_sanitizer: { readonly enabled: boolean; readonly attributes: readonly string[] };
  readonly db_sanitizer: DatabasesSettings;
}

interface Keyed {
  readonly key: string;
  hasKey(key: Key): boolean;
}

/** What is done to values besides masking: ids taken out of URLs, and literals out of statements for databases. */
export class Sanitizers {
  readonly #urls: UrlPaths | undefined;
  readonly #urlKeys: readonly Key[];
  readonly #databases: DatabaseStatements;
  readonly #keys: readonly Key[];

  constructor(settings: SanitizerSettings) {
    const { url_sanitizer, db_sanitizer } = settings;
    this.#urls = url_sanitizer.enabled ? new UrlPaths() : undefined;
    this.#urlKeys = url_sanitizer.enabled ? url_sanitizer.attributes.map((name) => key(name)) : [];
    this.#databases = new DatabaseStatements(db_sanitizer);
    this.#keys = [...this.#urlKeys, ...this.#databases.keys];
  }

  /** Whether bodies of logs may change. */
  get looksAtBodies(): boolean {
    return this.#urls !== undefined || !this.#databases.isOff;
  }

  /** Whether any attribute may change. */
  get looksAtAttributes(): boolean {
    return this.#keys.length > 0;
  }

  /** Whether this attribute may change; its key is not decoded. */
  takes(attribute: Keyed): boolean {
    for (const name of this.#keys) if (attribute.hasKey(name)) return true;
    return false;
  }

  /** The database that these attributes are about, as `attribute` takes it. */
  systemOf(attributes: AttributesView): string {
    return this.#databases.keys.length > 0 ? databaseSystemOf(attributes) : '';
  }

  /** Without a system, statements are left alone, but in logs, which seldom name one. */
  attribute(text: string, attribute: Keyed, context: { readonly system: string; readonly isLog: boolean }): string {
    if (!this.takes(attribute)) return text;
    const isUrl = text !== '' && this.#urlKeys.some((name) => attribute.hasKey(name));
    const now = isUrl ? (this.#urls?.cluster(text) ?? text) : text;
    if (context.system !== '') return this.#databases.attribute(now, attribute.key, context.system);
    return context.isLog ? this.#databases.attributeOfAny(now, attribute.key) : now;
  }

  body(text: string): string {
    return this.#databases.text(this.#urls?.cluster(text) ?? text);
  }
}
