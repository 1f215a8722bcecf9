const MASK = '?';

/** Which arguments of a command are values; counted from 0. */
type Rule = (args: readonly string[]) => (index: number) => boolean;

const only =
  (wanted: number): Rule =>
  () =>
  (index) =>
    index === wanted;

/** Every `step`th argument behind the first `start` ones, beginning with the last of the first `step`. */
const every =
  (step: number, start: number): Rule =>
  () =>
  (index) =>
    index >= start + step - 1 && (index - start + 1) % step === 0;

/** What may stand between the key and the scores of ZADD. */
const ZADD_OPTIONS = new Set(['NX', 'XX', 'GT', 'LT', 'CH', 'INCR']);

const scoresAndMembers: Rule = (args) => {
  let start = 1;
  while (start < args.length - 1 && ZADD_OPTIONS.has(args[start].toUpperCase())) start++;
  return every(2, start)(args);
};

const configValue: Rule =
  ([subcommand]) =>
  (index) =>
    subcommand.toUpperCase() === 'SET' && index === 2;

/** Values behind `SET type offset`; the first argument is the key. */
const bitfieldValues: Rule = (args) => (index) => index > 3 && args[index - 3].toUpperCase() === 'SET';

function rules(): ReadonlyMap<string, Rule> {
  const table: readonly (readonly [commands: string, rule: Rule])[] = [
    ['APPEND GETSET LPUSHX GEORADIUSBYMEMBER RPUSHX SET SETNX SISMEMBER ZRANK ZREVRANK ZSCORE', only(1)],
    ['HSETNX LREM LSET SETBIT SETEX PSETEX SETRANGE ZINCRBY SMOVE RESTORE', only(2)],
    ['LINSERT', only(3)],
    ['GEOADD', every(3, 1)],
    ['HSET HMSET', every(2, 1)],
    ['MSET MSETNX', every(2, 0)],
    ['CONFIG', configValue],
    ['BITFIELD', bitfieldValues],
    ['ZADD', scoresAndMembers],
  ];
  return new Map(table.flatMap(([commands, rule]) => commands.split(' ').map((command) => [command, rule] as const)));
}

const RULES = rules();
/** All arguments behind these many become one question mark. */
const CUT_AFTER = new Map([
  ['AUTH', 0],
  ...['GEOHASH', 'GEOPOS', 'GEODIST', 'LPUSH', 'RPUSH', 'SREM', 'ZREM', 'SADD'].map((name) => [name, 1] as const),
]);

/** An argument ends at a space that is not between quotes. */
const ARGUMENT = /(?:[^\s"\\]|\\[^]|"(?:[^"\\]|\\[^])*(?:"|$)|\\$)+/g;
/** A command ends at a line break that is not between quotes. */
const COMMAND = /(?:[^\n"\\]|\\[^]|"(?:[^"\\]|\\[^])*(?:"|$)|\\$)+/g;

/** Replaces the values in commands of Redis, one on each line, by question marks. Keys and fields stay. */
export function maskRedisArguments(commands: string): string {
  return (commands.trim().match(COMMAND) ?? []).map(maskCommand).join('\n');
}

function maskCommand(text: string): string {
  const [command, ...args] = text.match(ARGUMENT) ?? [];
  if (command === undefined || args.length === 0) return command ?? '';
  const name = command.toUpperCase();
  const kept = CUT_AFTER.get(name);
  if (kept !== undefined) return [command, ...args.slice(0, kept), ...(args.length > kept ? [MASK] : [])].join(' ');
  const isValue = RULES.get(name)?.(args);
  return [command, ...args.map((arg, index) => (isValue?.(index) === true ? MASK : arg))].join(' ');
}
