import { defineFunction } from '../../function/define-function.ts';
import { derived } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { LAYOUT_DETAILS, parseCtimeLayout } from './ctime-layout.ts';
import { formatLayout } from './format-layout.ts';

export const formatTime = defineFunction({
  name: 'FormatTime',
  kind: 'converter',
  summary: 'Writes a time as a string, in its zone.',
  details: `${LAYOUT_DETAILS} Fractions have no zeros at their end.`,
  deviation: '`%o` is padded with a space; the Collector writes an underscore.',
  params: { time: p.time, format: p.string },
  returns: 'string',
  examples: [
    { code: 'FormatTime(Time("02/04/2023", "%m/%d/%Y"), "%A %h %e %Y")', result: 'Saturday Feb  4 2023' },
    { code: 'FormatTime(Unix(1672527605, 120000000), "%FT%T.%L%z")', result: '2022-12-31T23:00:05.12Z' },
    {
      code: 'FormatTime(Time("2023-05-26", "%F", "America/New_York"), "%T %j %Z")',
      result: '00:00:00 -04:00 EDT',
    },
    { code: 'FormatTime(Now(), "")', invalid: 'the format of a time must not be empty' },
    { code: 'FormatTime(1, "%Y")', invalid: 'expected time.Time but got int64' },
    { code: 'FormatTime(attributes["missing"], "%Y")', fails: 'expected time.Time but got nil' },
  ],
  make: ({ time, format }) => {
    const layoutOf = derived(format, parseCtimeLayout);
    return (frame) => formatLayout(layoutOf(frame), time(frame));
  },
});
