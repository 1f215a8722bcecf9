/**
 * Milliseconds until the time that a `Retry-After` header names, in seconds or as a date (RFC 9110, section 10.2.3);
 * undefined when it is missing or says neither.
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) || !/[a-z]/i.test(text) ? undefined : Math.max(0, atMs - nowMs);
}
