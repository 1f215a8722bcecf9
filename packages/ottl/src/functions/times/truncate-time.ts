import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { Time } from '../../value/time.ts';
import { floorDivide, SECOND_NANOS } from './clock-time.ts';

/** From the beginning of year 1, where Go counts from, to 1970. */
const YEAR_1_TO_1970_NANOS = 62_135_596_800n * SECOND_NANOS;

export const truncateTime = defineFunction({
  name: 'TruncateTime',
  kind: 'converter',
  summary:
    'Rounds a time down to a multiple of a duration since the beginning of year 1, so that weeks begin on Mondays.',
  params: { time: p.time, duration: p.duration },
  returns: 'time',
  examples: [
    { code: 'TruncateTime(Unix(1672527665), Duration("1m"))', result: new Time(1_672_527_660_000_000_000n) },
    { code: 'FormatTime(TruncateTime(Unix(1672527605), Duration("168h")), "%a %F")', result: 'Mon 2022-12-26' },
    { code: 'TruncateTime(Unix(-5), Duration("1m"))', result: new Time(-60_000_000_000n) },
    {
      title: 'no time is a multiple of nothing',
      code: 'TruncateTime(Unix(5), Duration("0s"))',
      result: new Time(5_000_000_000n),
    },
    { code: 'TruncateTime(1, Duration("1s"))', invalid: 'expected time.Time but got int64' },
    { code: 'TruncateTime(Unix(5), 1)', invalid: 'expected time.Duration but got int64' },
  ],
  make:
    ({ time, duration }) =>
    (frame) => {
      const given = time(frame);
      const { nanos } = duration(frame);
      if (nanos <= 0n) return given;
      const fromYear1 = given.unixNanos + YEAR_1_TO_1970_NANOS;
      return new Time(floorDivide(fromYear1, nanos) * nanos - YEAR_1_TO_1970_NANOS, given.zone);
    },
});
