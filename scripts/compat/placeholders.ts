/** A reference to an environment variable without a default. */
const REFERENCE = /\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)\}/g;
/** The older `$NAME`, which stood for the same. */
const BARE = /(?<!\$)\$([A-Za-z_][A-Za-z0-9_]*)/g;

/** Names of the environment variables that a configuration needs. */
export function unsetVariables(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(REFERENCE), ...text.matchAll(BARE)].map(([, name]) => name));
}

/** A value that a variable of this name could have. */
export function placeholderFor(name: string): string {
  if (/PORT/i.test(name)) return '4317';
  if (/URL|URI|ENDPOINT/i.test(name)) return 'http://localhost:4317';
  if (/HOST|ADDR|_IP$|^IP$|SERVER|NODE/i.test(name)) return 'localhost';
  if (/INTERVAL|TIMEOUT|DURATION|WAIT/i.test(name)) return '10s';
  if (/SIZE|COUNT|NUM|LIMIT|PERCENT|MIB|MAX|MIN/i.test(name)) return '100';
  if (/ENABLED?|DISABLED?|INSECURE/i.test(name)) return 'true';
  if (/FILE|PATH|DIR/i.test(name)) return '/tmp/stand-in';
  return 'stand-in';
}
