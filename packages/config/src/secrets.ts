/**
 * Keys whose values are treated as secrets whatever a schema says: a net below the schemas, for components that are
 * not known and maps of free keys (`headers`).
 */
const SENSITIVE_KEY =
  /(^|[_\-.:])(password|passwd|passphrase|token|secret|api[_-]?key|apikey|access[_-]?key|private[_-]?key|authorization|credentials?|cookie|dsn)s?\d*$|(password|secret|api_?key|token|authorization)\d*$/i;
/** Keys that look like it and only say where a secret is, or how long it lives. */
const HARMLESS_KEY = /(_file|_path|_url|_type|_ttl|_name|_field)$/i;

export function isSensitiveKey(key: string): boolean {
  return SENSITIVE_KEY.test(key) && !HARMLESS_KEY.test(key);
}

/** Takes the password out of `scheme://user:password@host`. */
export function withoutUrlPassword(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s@/]+@/gi, '$1:[REDACTED]@');
}

/** Adds the passwords of all URLs in a decoded config to `found`. */
export function collectUrlPasswords(value: unknown, found: Set<string>): void {
  if (typeof value === 'string') {
    for (const [, password] of value.matchAll(/:\/\/[^\s/:@]*:([^\s@/]+)@/g))
      if (password !== undefined) found.add(password);
  } else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) collectUrlPasswords(each, found);
  }
}
