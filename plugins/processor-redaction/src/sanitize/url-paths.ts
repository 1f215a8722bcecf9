import { looksMadeUp } from './letter-pairs.ts';

/** Of the rest of a longer path, nothing is left. */
const SEGMENTS_MAX = 9;
/** Segments whose verdict is remembered. */
const KNOWN_MAX = 8_192;

const END = /[?&#]/;
/** Letters and what joins words; another character may be second, as in "v1". */
const WORD = /^[A-Za-z._ -](?:[\0-\x7f][A-Za-z._ -]*)?$/;

/**
 * Replaces what looks like an id in the segments of a path by an asterisk, and cuts off query and fragment: "/users/123?x=y"
 * becomes "/users/*". An id is what has more than letters, or letters that hardly follow each other in a language.
 */
export class UrlPaths {
  readonly #verdicts = new Map<string, boolean>();

  cluster(path: string): string {
    const end = path.search(END);
    const segments = (end < 0 ? path : path.slice(0, end)).split('/');
    // The first one stands before the first slash.
    const kept = segments.length > SEGMENTS_MAX + 1 ? segments.slice(0, SEGMENTS_MAX + 1) : segments;
    return kept.map((segment) => (segment === '' || this.#isWord(segment) ? segment : '*')).join('/');
  }

  #isWord(segment: string): boolean {
    const known = this.#verdicts.get(segment);
    if (known !== undefined) return known;
    const isWord = WORD.test(segment) && !looksMadeUp(segment);
    // Ids are without end; starting over is cheaper than keeping track of age.
    if (this.#verdicts.size >= KNOWN_MAX) this.#verdicts.clear();
    this.#verdicts.set(segment, isWord);
    return isWord;
  }
}

/** Whether nothing but asterisks was left of a path. */
export function isAllReplaced(path: string): boolean {
  return /^\/*\*(?:\/+\*)*\/*$/.test(path);
}
