import { OttlRuntimeError } from '../../ottl-error.ts';
import { parseGoLayout, type Layout } from './go-layout.ts';

/** What the directives are in a layout of Go's time package. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  Y: '2006',
  y: '06',
  m: '01',
  o: '_1',
  q: '1',
  b: 'Jan',
  h: 'Jan',
  B: 'January',
  d: '02',
  e: '_2',
  g: '2',
  a: 'Mon',
  A: 'Monday',
  H: '15',
  l: '3',
  I: '03',
  p: 'PM',
  P: 'pm',
  M: '04',
  S: '05',
  L: '999',
  f: '999999',
  s: '999999999',
  Z: 'MST',
  z: 'Z0700',
  w: '-070000',
  i: '-07',
  j: '-07:00',
  k: '-07:00:00',
  D: '01/02/2006',
  x: '01/02/2006',
  F: '2006-01-02',
  T: '15:04:05',
  X: '15:04:05',
  r: '03:04:05 pm',
  R: '15:04',
  n: '\n',
  t: '\t',
  '%': '%',
  c: 'Mon Jan 02 15:04:05 2006',
};

/** A layout with directives such as %Y, mixed with elements of Go's layouts. Throws for directives that there are not. */
export function parseCtimeLayout(format: string): Layout {
  if (format === '') throw new OttlRuntimeError('the format of a time must not be empty');
  const layout = format.replace(/%(.)/gsu, (directive, letter: string) => {
    if (!Object.hasOwn(DIRECTIVES, letter))
      throw new OttlRuntimeError(`${directive} in the format of a time is no directive`);
    return DIRECTIVES[letter];
  });
  return parseGoLayout(layout);
}

/** For the reference. */
export const LAYOUT_DETAILS =
  'A format has directives: `%Y` `%y` year, `%m` month (`%o` with a space, `%q` without padding), `%b` `%h` `%B` its name, ' +
  '`%d` day (`%e`, `%g`), `%a` `%A` weekday, `%H` `%I` `%l` hour, `%p` `%P` AM or am, `%M` minute, `%S` second, `%L` `%f` ' +
  '`%s` milli-, micro- and nanoseconds (behind a point or a comma), `%z` `%i` `%j` `%k` `%w` offset from UTC, `%Z` zone, ' +
  '`%D` `%x` `%F` dates, `%T` `%X` `%R` `%r` times, `%c` both, `%n` `%t` `%%`.';
