import type { OttlError } from './ottl-error.ts';

/** A mistake in a statement for people who read it beside the place of the statement in a file. */
export function explainError(error: OttlError): { readonly message: string; readonly remedy?: string } {
  const { line, column } = error.position;
  const place = error.source.includes('\n') ? `line ${line}, column ${column}` : `column ${column}`;
  const found = error.found === undefined ? '' : `, found ${error.found}`;
  const expected = error.expected === undefined ? '' : `; expected ${error.expected}`;
  return {
    message: `at ${place}: ${error.reason}${found}${expected}`,
    ...(error.suggestion === undefined ? {} : { remedy: `did you mean ${error.suggestion}?` }),
  };
}
