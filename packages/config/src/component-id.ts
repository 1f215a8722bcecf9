/** The two parts of `otlp/2`. */
export interface ComponentId {
  /** Normalised: without spaces around the slash. */
  readonly id: string;
  readonly type: string;
  readonly name: string | undefined;
}

const TYPE = /^[a-zA-Z][0-9a-zA-Z_]{0,62}$/;
const NAME = /^[^\p{Z}\p{C}\p{S}]+$/u;
const NAME_CHARACTERS_MAX = 1024;

/** Reads `type` or `type/name` by the Collector's rules; otherwise says what is wrong with it. */
export function parseComponentId(text: string): ComponentId | { readonly fault: string } {
  const slash = text.indexOf('/');
  const type = (slash === -1 ? text : text.slice(0, slash)).trim();
  const name = slash === -1 ? undefined : text.slice(slash + 1).trim();
  if (slash === -1 && type === '') return { fault: 'an id must not be empty' };
  if (type === '') return { fault: `the id "${text}" has nothing before the slash` };
  if (!TYPE.test(type)) {
    return { fault: `the type "${type}" must start with a letter, and hold only letters, digits and _, at most 63` };
  }
  if (name === undefined) return { id: type, type, name };
  if (name === '') return { fault: `the id "${text}" has nothing after the slash` };
  if (name.length > NAME_CHARACTERS_MAX)
    return { fault: `the name in the id is longer than ${NAME_CHARACTERS_MAX} characters` };
  if (!NAME.test(name)) return { fault: `the name "${name}" must not hold spaces, control characters or symbols` };
  return { id: `${type}/${name}`, type, name };
}
