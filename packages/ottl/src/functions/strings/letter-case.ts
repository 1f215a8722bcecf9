const ASCII = /^[\0-\x7f]*$/;

/** Character by character, as Go does it: what has no one character in the other case stays ("ß"), a final "Σ" is "σ". */
export function toLower(text: string): string {
  return ASCII.test(text) ? text.toLowerCase() : mapCharacters(text, (character) => character.toLowerCase());
}

export function toUpper(text: string): string {
  return ASCII.test(text) ? text.toUpperCase() : mapCharacters(text, (character) => character.toUpperCase());
}

function mapCharacters(text: string, change: (character: string) => string): string {
  let out = '';
  for (const character of text) {
    const changed = change(character);
    out += changed.length === character.length ? changed : character;
  }
  return out;
}

const SEPARATORS = ' _-.';

/**
 * my_metric for myMetric. A new word begins behind a separator, where a lowercase letter meets an uppercase one, at the last
 * uppercase letter of several in front of a lowercase one (JSONData: json_data), and between letters and digits.
 */
export function toSnake(text: string): string {
  const trimmed = text.trim();
  let out = '';
  for (let i = 0; i < trimmed.length; i++) {
    const kind = kindOf(trimmed[i]);
    if (kind === 'separator') {
      out += '_';
      continue;
    }
    const next = kindOf(trimmed[i + 1]);
    // A capital that begins a word behind an acronym.
    if (kind === 'upper' && next === 'lower' && kindOf(trimmed[i - 1]) === 'upper') out += '_';
    out += kind === 'upper' ? trimmed[i].toLowerCase() : trimmed[i];
    if (endsWord(kind, next)) out += '_';
  }
  return out;
}

/** Whether a word ends between two characters of these kinds. */
function endsWord(kind: Kind, next: Kind): boolean {
  if (kind === 'lower') return next === 'upper' || next === 'digit';
  if (kind === 'upper') return next === 'digit';
  return kind === 'digit' && (next === 'upper' || next === 'lower');
}

/** MyMetric for my_metric: the letters and digits of ASCII, with a capital at the start, behind separators and behind digits. */
export function toCamel(text: string): string {
  let out = '';
  let isStart = true;
  let isBehindCapital = false;
  for (const character of text.trim()) {
    const kind = kindOf(character);
    if (kind === 'upper' || kind === 'lower') {
      if (isStart) out += character.toUpperCase();
      else out += isBehindCapital ? character.toLowerCase() : character;
      isStart = false;
    } else {
      if (kind === 'digit') out += character;
      isStart = kind === 'digit' || kind === 'separator';
    }
    isBehindCapital = kind === 'upper';
  }
  return out;
}

type Kind = 'upper' | 'lower' | 'digit' | 'separator' | 'other';

function kindOf(character: string | undefined): Kind {
  if (character === undefined) return 'other';
  if (character >= 'a' && character <= 'z') return 'lower';
  if (character >= 'A' && character <= 'Z') return 'upper';
  if (character >= '0' && character <= '9') return 'digit';
  return SEPARATORS.includes(character) ? 'separator' : 'other';
}
