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

/** Parameters of URLs that are secret besides those whose name would be sensitive as a key. */
const SENSITIVE_PARAMETER = /(^|[-_])(key|sig|signature|code|auth|pass|pwd|jwt)$/i;
/** The password in `scheme://user:password@host`, or a parameter in `?name=value`. */
const URL_SECRET = /([a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)([^\s@/]+)(?=@)|[?&]([\w.-]+)=([^\s&#"']+)/dgi;

/** Where the passwords and keys of URLs stand in a text: `[start, end)`, from left to right. */
export function urlSecrets(text: string): [start: number, end: number][] {
  if (!text.includes('=') && !text.includes('@')) return [];
  const found: [number, number][] = [];
  for (const { indices = [], 3: name = '' } of text.matchAll(URL_SECRET)) {
    const isSecret = name === '' || isSensitiveKey(name) || SENSITIVE_PARAMETER.test(name);
    const range = indices[2] ?? indices[4];
    if (isSecret && range !== undefined) found.push(range);
  }
  return found;
}

/** Takes the passwords and keys out of the URLs in a text. */
export function withoutUrlSecrets(text: string): string {
  let result = text;
  for (const [start, end] of urlSecrets(text).toReversed())
    result = `${result.slice(0, start)}[REDACTED]${result.slice(end)}`;
  return result;
}

/** Shorter ones would be found everywhere in other texts. */
const PARAMETER_CHARACTERS_MIN = 6;

/** Adds the passwords and keys of all URLs in a decoded config to `found`. */
export function collectUrlSecrets(value: unknown, found: Set<string>): void {
  if (typeof value === 'string') {
    for (const [start, end] of urlSecrets(value))
      if (value[end] === '@' || end - start >= PARAMETER_CHARACTERS_MIN) found.add(value.slice(start, end));
  } else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) collectUrlSecrets(each, found);
  }
}
