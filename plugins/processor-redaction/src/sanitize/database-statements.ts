import { key, type AttributesView, type Key } from '@millrace/otlp';
import { maskJsonValues } from './json-values.ts';
import { withoutMemcachedValues } from './memcached-values.ts';
import { maskRedisArguments } from './redis-arguments.ts';
import { maskSqlLiterals } from './sql-literals.ts';

interface DatabaseSettings {
  readonly enabled: boolean;
  readonly attributes: readonly string[];
}

/** By their names in a configuration. */
export interface DatabasesSettings {
  readonly sql: DatabaseSettings;
  readonly redis: DatabaseSettings;
  readonly valkey: DatabaseSettings;
  readonly memcached: DatabaseSettings;
  readonly mongo: DatabaseSettings;
  readonly opensearch: DatabaseSettings;
  readonly es: DatabaseSettings;
}

/** `system` is what the data says of its database, in lower case; '' where it says nothing. */
type Sanitize = (statement: string, system: string) => string;

interface Kind {
  readonly systems: readonly string[];
  readonly sanitize: Sanitize;
}

const MYSQL_LIKE = new Set(['mysql', 'mariadb']);
const sql: Sanitize = (text, system) => maskSqlLiterals(text, MYSQL_LIKE.has(system) ? 'mysql' : 'other');

/** In the order in which they are tried. */
const KINDS: Readonly<Record<keyof DatabasesSettings, Kind>> = {
  sql: { systems: ['other_sql', 'mysql', 'postgresql', 'mariadb', 'sqlite'], sanitize: sql },
  redis: { systems: ['redis'], sanitize: maskRedisArguments },
  valkey: { systems: ['valkey'], sanitize: maskRedisArguments },
  memcached: { systems: ['memcached'], sanitize: withoutMemcachedValues },
  mongo: { systems: ['mongodb'], sanitize: maskJsonValues },
  opensearch: { systems: ['opensearch'], sanitize: maskJsonValues },
  es: { systems: ['elasticsearch'], sanitize: maskJsonValues },
};

interface Database {
  readonly systems: ReadonlySet<string>;
  readonly keys: ReadonlySet<string>;
  readonly sanitize: Sanitize;
}

const SYSTEM_KEYS = [key('db.system.name'), key('db.system')];

/** What the attributes say of the database; '' where they say nothing. */
export function databaseSystemOf(attributes: AttributesView): string {
  for (const name of SYSTEM_KEYS) {
    const system = attributes.getString(name) ?? '';
    if (system !== '') return system.toLowerCase();
  }
  return '';
}

/** Takes literals out of statements for databases. */
export class DatabaseStatements {
  readonly #databases: readonly Database[];
  /** Attributes that any database names. */
  readonly keys: readonly Key[];

  constructor(settings: DatabasesSettings) {
    this.#databases = Object.entries(KINDS).flatMap(([name, { systems, sanitize }]) => {
      const { enabled, attributes } = settings[name as keyof DatabasesSettings];
      return enabled ? [{ systems: new Set(systems), keys: new Set(attributes), sanitize }] : [];
    });
    this.keys = [...new Set(this.#databases.flatMap(({ keys }) => [...keys]))].map((name) => key(name));
  }

  get isOff(): boolean {
    return this.#databases.length === 0;
  }

  /** The statement in an attribute, by the database of the system that takes this attribute. */
  attribute(statement: string, name: string, system: string): string {
    const found = this.#databases.find(({ systems, keys }) => systems.has(system) && keys.has(name));
    return found?.sanitize(statement, system) ?? statement;
  }

  /** The same where the system is unknown: by all databases that take this attribute, one after the other. */
  attributeOfAny(statement: string, name: string): string {
    return this.#databases.reduce((now, { keys, sanitize }) => (keys.has(name) ? sanitize(now, '') : now), statement);
  }

  /** A text of which nothing is known: by all databases, one after the other. */
  text(statement: string): string {
    return this.#databases.reduce((now, { sanitize }) => sanitize(now, ''), statement);
  }

  spanName(name: string, system: string): string {
    return this.#databases.find(({ systems }) => systems.has(system))?.sanitize(name, system) ?? name;
  }
}
