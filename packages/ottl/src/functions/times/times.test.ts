import { expect, test } from 'vitest';
import { evaluate } from '../../testing/evaluate.ts';

/* What the Collector (pkg/ottl 0.150) gives for the same. */
test.each<[code: string, result: unknown]>([
  ['Duration("3s")', '3000000000'],
  ['Duration("1h30m")', '5400000000000'],
  ['Duration("-1.5h")', '-5400000000000'],
  ['Duration("1.5us")', '1500'],
  ['Duration("2µs")', '2000'],
  ['Duration("0")', '0'],
  ['Duration("+5s")', '5000000000'],
  ['Duration(".5s")', '500000000'],
  ['Duration("1000000h")', '3600000000000000000'],
  ['Duration("-9223372036854775808ns")', '-9223372036854775808'],
  ['Duration("1.0000000001s")', '1000000000'],
  ['Hours(Duration("90m"))', 1.5],
  ['Minutes(Duration("90s"))', 1.5],
  ['Seconds(Duration("1500ms"))', 1.5],
  ['Milliseconds(Duration("-1500us"))', -1n],
  ['Microseconds(Duration("1h"))', 3600000000n],
  ['Nanoseconds(Duration("1s"))', 1000000000n],
  ['Unix(1672527600)', '1672527600000000000'],
  ['Unix(1, 5000000000)', '6000000000'],
  ['Unix(-1, -1)', '-1000000001'],
  ['UnixNano(Unix(-1, -1))', -1000000001n],
  ['UnixMicro(Unix(-1, -1))', -1000001n],
  ['UnixMilli(Unix(-1, -1))', -1001n],
  ['UnixSeconds(Unix(-1, -1))', -2n],
  ['Year(Unix(0))', 1970n],
  ['Weekday(Unix(0))', 4n],
  ['Month(Unix(0))', 1n],
  ['Nanosecond(Unix(-1, -1))', 999999999n],
  ['Second(Unix(-1))', 59n],
  ['TruncateTime(Unix(1672527605), Duration("1m"))', '1672527600000000000'],
  ['TruncateTime(Unix(1672527605), Duration("24h"))', '1672444800000000000'],
  ['TruncateTime(Unix(1672527605), Duration("7h"))', '1672516800000000000'],
  ['TruncateTime(Unix(1672527605), Duration("168h"))', '1672012800000000000'],
  ['TruncateTime(Unix(-5), Duration("1m"))', '-60000000000'],
  ['TruncateTime(Unix(1672527605), Duration("0s"))', '1672527605000000000'],
  ['TruncateTime(Unix(1672527605), Duration("-1s"))', '1672527605000000000'],
  ['Time("02/04/2023", "%m/%d/%Y")', '1675468800000000000'],
  ['Time("Feb 15, 2023", "%b %d, %Y")', '1676419200000000000'],
  ['Time("2023-05-26 12:34:56 HST", "%Y-%m-%d %H:%M:%S %Z")', '1685140496000000000'],
  ['Time("1986-10-01T00:17:33 MST", "%Y-%m-%dT%H:%M:%S %Z")', '528535053000000000'],
  ['Time("2012-11-01T22:08:41+0000 EST", "%Y-%m-%dT%H:%M:%S%z %Z")', '1351807721000000000'],
  ['Time("2023-05-26 12:34:56", "%Y-%m-%d %H:%M:%S", "America/New_York")', '1685118896000000000'],
  ['Time("mercoledì set 4 2024", "%A %h %e %Y", "", "it")', '1725408000000000000'],
  [
    'Time("Febrero 25 lunes, 2002, 02:03:04 p.m.", "%B %d %A, %Y, %r", "America/New_York", "es-ES")',
    '1014663784000000000',
  ],
  ['Time("2023-05-26 12:34:56.123", "%Y-%m-%d %H:%M:%S.%L")', '1685104496123000000'],
  ['Time("2023-05-26 12:34:56,123456", "%Y-%m-%d %H:%M:%S,%f")', '1685104496123456000'],
  ['Time("2023-05-26 12:34:56.123456789", "%Y-%m-%d %H:%M:%S.%s")', '1685104496123456789'],
  ['Time("2023-05-26 12:34:56.1", "%Y-%m-%d %H:%M:%S.%L")', '1685104496100000000'],
  ['Time("2023-05-26 12:34:56.123", "%Y-%m-%d %H:%M:%S")', '1685104496123000000'],
  ['Time("2023-05-26T12:34:56Z", "%Y-%m-%dT%H:%M:%SZ")', '1685104496000000000'],
  ['Time("2023-05-26T12:34:56+02:00", "%Y-%m-%dT%H:%M:%S%j")', '1685097296000000000'],
  ['Time("2023-05-26T12:34:56Z", "%Y-%m-%dT%H:%M:%S%z")', '1685104496000000000'],
  ['Time("2023-05-26T12:34:56-07", "%Y-%m-%dT%H:%M:%S%i")', '1685129696000000000'],
  ['Time("2023-05-26T12:34:56-07:00:30", "%Y-%m-%dT%H:%M:%S%k")', '1685129726000000000'],
  ['Time("2023-05-26T12:34:56-070030", "%Y-%m-%dT%H:%M:%S%w")', '1685129726000000000'],
  ['Time("29/Feb/2024", "%d/%b/%Y")', '1709164800000000000'],
  ['Time("2023-1-1", "%Y-%q-%g")', '1672531200000000000'],
  ['Time("2023-11-11", "%Y-%q-%g")', '1699660800000000000'],
  ['Time("69-01-02", "%y-%m-%d")', '-31449600000000000'],
  ['Time("68-01-02", "%y-%m-%d")', '3092688000000000000'],
  ['Time("Mon Jan 02 15:04:05 2006", "%c")', '1136214245000000000'],
  ['Time("Tue Jan 02 15:04:05 2006", "%c")', '1136214245000000000'],
  ['Time("03:04:05 pm 2006-01-02", "%r %F")', '1136214245000000000'],
  ['Time("3:04 AM 2006-01-02", "%l:%M %p %F")', '1136171040000000000'],
  ['Time("12:04 am 2006-01-02", "%I:%M %P %F")', '1136160240000000000'],
  ['Time("2023", "2006")', '1672531200000000000'],
  ['Time("2023-05-26 12:34:56 CET", "%Y-%m-%d %H:%M:%S %Z")', '1685100896000000000'],
  ['Time("2023-05-26 12:34:56 CEST", "%Y-%m-%d %H:%M:%S %Z", "Europe/Berlin")', '1685097296000000000'],
  ['Time("2023-05-26 12:34:56 EDT", "%Y-%m-%d %H:%M:%S %Z", "America/New_York")', '1685118896000000000'],
  ['Time("2023-05-26 12:34:56 GMT", "%Y-%m-%d %H:%M:%S %Z")', '1685104496000000000'],
  ['Time("2023-05-26 12:34:56 UTC", "%Y-%m-%d %H:%M:%S %Z")', '1685104496000000000'],
  ['Time("2023-05-26 12:34:56 EST", "%Y-%m-%d %H:%M:%S %Z")', '1685122496000000000'],
  ['Time("2023-05-26 12:34:56 GMT+3", "%Y-%m-%d %H:%M:%S %Z")', '1685104496000000000'],
  ['Time("1:00:00 2023-05-26", "%T %F")', '1685062800000000000'],
  ['Time("JANUARY 05 2023", "%B %d %Y")', '1672876800000000000'],
  ['Time("2023-03-12 02:30:00", "%F %T", "America/New_York")', '1678602600000000000'],
  ['Time("2023-11-05 01:30:00", "%F %T", "America/New_York")', '1699162200000000000'],
  ['Time("01/21/2031", "%D")', '1926720000000000000'],
  ['Time("a% 2023", "a%% %Y")', '1672531200000000000'],
  ['Time("Monday 2023", "Monday %Y")', '1672531200000000000'],
  ['Time("PM 2023", "PM %Y")', '1672574400000000000'],
  ['FormatTime(Time("02/04/2023", "%m/%d/%Y"), "%A %h %e %Y")', 'Saturday Feb  4 2023'],
  ['FormatTime(Unix(1672527605, 123456789), "%Y-%m-%dT%H:%M:%S.%L")', '2022-12-31T23:00:05.123'],
  ['FormatTime(Unix(1672527605, 120000000), "%Y-%m-%dT%H:%M:%S.%L")', '2022-12-31T23:00:05.12'],
  ['FormatTime(Unix(1672527605, 123456789), "%S.%f %S,%s %S%L %L")', '05.123456 05,123456789 05999 999'],
  ['FormatTime(Unix(1672527605, 0), "%S.%f|%S,%s")', '05|05'],
  ['FormatTime(Unix(1672527605), "%z %Z %i %j %k %w")', 'Z UTC +00 +00:00 +00:00:00 +000000'],
  [
    'FormatTime(Unix(1672527605), "%D %x %F %T %X %r %R %n%t%% %c")',
    '12/31/2022 12/31/2022 2022-12-31 23:00:05 23:00:05 11:00:05 pm 23:00 \n\t% Sat Dec 31 23:00:05 2022',
  ],
  [
    'FormatTime(Time("2023-05-26 12:34:56", "%Y-%m-%d %H:%M:%S", "America/New_York"), "%F %T %z %Z %j")',
    '2023-05-26 12:34:56 -0400 EDT -04:00',
  ],
  [
    'FormatTime(Time("2023-05-26T12:34:56+02:00", "%Y-%m-%dT%H:%M:%S%j"), "%F %T %z %Z")',
    '2023-05-26 12:34:56 +0200 +0200',
  ],
  ['FormatTime(Unix(1672527605), "2006")', '2022'],
  ['FormatTime(Unix(-62135596800), "%Y %y")', '0001 01'],
  ['FormatTime(Unix(1672527605), "at Monday MST Jan PM pm _2 Z")', 'at Saturday UTC Dec PM pm 31 Z'],
  ['Hour(Time("2023-05-26 12:34:56", "%Y-%m-%d %H:%M:%S", "America/New_York"))', 12n],
])('%s is %o', (code, result) => {
  const value = evaluate(code);
  // Times are shown with their zone, which the table leaves out.
  const withoutZone = typeof value === 'string' && !code.startsWith('FormatTime') ? value.split(' ')[0] : value;
  expect(withoutZone).toBe(result);
});

test.each([
  'Duration("")',
  'Duration("5")',
  'Duration("1d")',
  'Duration("10000000h")',
  'Duration(attributes["missing"])',
  'Duration("10h 20m")',
  'Duration("9223372036854775808ns")',
  'Hours(1)',
  'Unix(1.5)',
  'TruncateTime(1, Duration("1s"))',
  'Time("2023-05-26 12:34:56", "%Y-%m-%d %H:%M:%S", "Nowhere/City")',
  'Time("2023-05-26 12:34:56", "%Y-%m-%d %H:%M:%S", "", "xx")',
  'Time("2023-05-26 12:34:56123", "%Y-%m-%d %H:%M:%S%L")',
  'Time("2023-05-26 12:34:56 123", "%Y-%m-%d %H:%M:%S %L")',
  'Time("2023-05-26T12:34:56Z", "%Y-%m-%dT%H:%M:%S%j")',
  'Time("31/Feb/2023", "%d/%b/%Y")',
  'Time("2023-13-01", "%Y-%m-%d")',
  'Time("2023-1-1", "%Y-%m-%d")',
  'Time("13:04 am 2006-01-02", "%I:%M %P %F")',
  'Time("2006-01-02 extra", "%F")',
  'Time("2006", "%Y-%m")',
  'Time("2023-05-26", "%Y-%m-%d %")',
  'Time("2023-05-26", "%Y-%m-%d%Q")',
  'Time("", "%Y")',
  'Time("2023", "")',
  'Time(1, "%Y")',
  'Time("2023-05-26 12:34:56 CEST", "%Y-%m-%d %H:%M:%S %Z")',
  'Time("2023-05-26 12:34:56 PST", "%Y-%m-%d %H:%M:%S %Z")',
  'Time("2023-05-26 12:34:56 +03", "%Y-%m-%d %H:%M:%S %Z")',
  'Time("24:00:00 2023-05-26", "%T %F")',
  'Time("23:59:60 2023-05-26", "%T %F")',
  'Time("100% 2023", "100%% %Y")',
  'FormatTime(Unix(1672527605), "%Q")',
  'FormatTime(Unix(1672527605), "")',
  'FormatTime(1, "%Y")',
])('%s fails', (code) => {
  expect(() => evaluate(code)).toThrow(expect.objectContaining({ name: expect.stringMatching(/^Ottl/) as string }));
});

/* It is 2023-11-14 22:13:20. */
test.each([
  ['Nov 21 22:00:00', '%b %d %T', '2023-11-21 22:00:00', 'at most a week ahead: this year'],
  ['Nov 22 22:14:00', '%b %d %T', '2022-11-22 22:14:00', 'more than a week ahead: last year'],
  ['Feb 03 01:00:00', '%b %d %T', '2023-02-03 01:00:00', 'past: this year'],
  ['01:02:03', '%T', '2023-01-01 01:02:03', 'no date: the first of this year'],
])('%s (%s) is of %s: %s', (text, format, expected) => {
  expect(evaluate(`FormatTime(Time("${text}", "${format}"), "%F %T")`)).toBe(expected);
});

test.each([
  ['America/New_York', '2023-03-12 02:30:00', '2023-03-12 01:30:00 EST'],
  ['America/New_York', '2023-11-05 01:30:00', '2023-11-05 01:30:00 EDT'],
  ['Europe/Berlin', '2023-07-01 12:00:00', '2023-07-01 12:00:00 CEST'],
  ['Asia/Kolkata', '2023-07-01 12:00:00', '2023-07-01 12:00:00 IST'],
])('in %s, %s is %s', (zone, text, expected) => {
  expect(evaluate(`FormatTime(Time("${text}", "%F %T", "${zone}"), "%F %T %Z")`)).toBe(expected);
});

test('months may be padded with spaces', () => {
  expect(evaluate('FormatTime(Time("2023- 1- 2", "%Y-%o-%e"), "%o|%e|%Y")')).toBe(' 1| 2|2023');
});

test('times of long ago and far ahead keep their dates', () => {
  expect(evaluate('FormatTime(Time("0001-01-01", "%F"), "%a %F")')).toBe('Mon 0001-01-01');
  expect(evaluate('FormatTime(Time("9999-12-31", "%F"), "%a %F")')).toBe('Fri 9999-12-31');
});
