const NAMES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const LEVELS = 4;

/** The number of a severity given by its short name (`INFO`, `warn2`) or number; 0 for ''. Undefined for anything else. */
export function severityNumber(text: string): number | undefined {
  if (text === '') return 0;
  if (/^[1-9][0-9]?$/.test(text)) return Number(text) <= NAMES.length * LEVELS ? Number(text) : undefined;
  const match = /^([A-Z]+)([2-4]?)$/.exec(text.toUpperCase());
  const name = match === null ? -1 : NAMES.indexOf(match[1]);
  return match === null || name < 0 ? undefined : name * LEVELS + Number(match[2] === '' ? 1 : match[2]);
}
