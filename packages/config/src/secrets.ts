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
