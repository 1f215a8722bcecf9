/** Strings, with what follows them when they are keys; other scalars; white space. */
const TOKEN = /"(?:[^"\\]|\\[^])*"(\s*:)?|[^\s"[\]{},:]+|\s+/g;

/** Replaces all scalars in a JSON text by "?", and takes white space out; what is no JSON stays as it is. */
export function maskJsonValues(text: string): string {
  if (!isJson(text)) return text;
  return text.replaceAll(TOKEN, (token: string, colon?: string) => {
    if (colon !== undefined) return `${token.slice(0, token.length - colon.length)}:`;
    return token.trim() === '' ? '' : '"?"';
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
