import type { OttlFunction } from '../../function/define-function.ts';
import { day } from './day.ts';
import { duration } from './duration.ts';
import { formatTime } from './format-time.ts';
import { hour } from './hour.ts';
import { hours } from './hours.ts';
import { microseconds } from './microseconds.ts';
import { milliseconds } from './milliseconds.ts';
import { minute } from './minute.ts';
import { minutes } from './minutes.ts';
import { month } from './month.ts';
import { nanosecond } from './nanosecond.ts';
import { nanoseconds } from './nanoseconds.ts';
import { now } from './now.ts';
import { second } from './second.ts';
import { seconds } from './seconds.ts';
import { time } from './time.ts';
import { truncateTime } from './truncate-time.ts';
import { unix } from './unix.ts';
import { unixMicro } from './unix-micro.ts';
import { unixMilli } from './unix-milli.ts';
import { unixNano } from './unix-nano.ts';
import { unixSeconds } from './unix-seconds.ts';
import { weekday } from './weekday.ts';
import { year } from './year.ts';

/** Converters for times and durations. In alphabetical order. */
export const TIMES: readonly OttlFunction[] = [
  day,
  duration,
  formatTime,
  hour,
  hours,
  microseconds,
  milliseconds,
  minute,
  minutes,
  month,
  nanosecond,
  nanoseconds,
  now,
  second,
  seconds,
  time,
  truncateTime,
  unix,
  unixMicro,
  unixMilli,
  unixNano,
  unixSeconds,
  weekday,
  year,
];
