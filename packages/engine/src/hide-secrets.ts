/** Shorter secrets would be found everywhere in harmless text. */
const SECRET_CHARACTERS_MIN = 6;

/** What takes secrets out of texts, as they are and as JSON writes them. Secrets that are added later are not hidden. */
export function hideSecrets(secrets: Iterable<string>): (text: string) => string {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < SECRET_CHARACTERS_MIN) continue;
    forms.add(secret);
    forms.add(JSON.stringify(secret).slice(1, -1));
  }
  // A secret may begin with another one, whose rest must not be left.
  const hidden = [...forms].toSorted((a, b) => b.length - a.length);
  return (text) => {
    let left = text;
    for (const secret of hidden) left = left.replaceAll(secret, '[REDACTED]');
    return left;
  };
}
