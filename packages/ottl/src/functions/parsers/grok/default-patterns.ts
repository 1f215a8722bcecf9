/* The patterns that every Grok pattern may name. RE2 has no look-around and no atomic groups: these do without. */

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = `(?:${OCTET}\\.){3}${OCTET}`;
const HEXTET = '[0-9A-Fa-f]{1,4}';

/** Groups before the "::", and up to the rest of eight behind it. */
function compressed(before: number): string {
  const after = 7 - before;
  const lead = before === 0 ? ':' : `(?:${HEXTET}:){${before}}`;
  const tail = `(?::${HEXTET}){1,${after}}`;
  const mixed = after >= 2 ? `|(?::${HEXTET}){0,${after - 2}}:${IPV4}` : '';
  return `${lead}(?:${tail}${mixed}|:)`;
}

const IPV6 = [`(?:${HEXTET}:){7}${HEXTET}`, `(?:${HEXTET}:){6}${IPV4}`, ...[6, 5, 4, 3, 2, 1, 0].map(compressed)].join(
  '|',
);

/** What the names stand for, with other names in %{...}. */
export const DEFAULT_PATTERNS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    WORD: '\\b\\w+\\b',
    NOTSPACE: '\\S+',
    SPACE: '\\s*',
    DATA: '.*?',
    GREEDYDATA: '.*',

    INT: '[+-]?[0-9]+',
    NUMBER: '%{BASE10NUM}',
    BOOL: 'true|false',
    BASE10NUM: '[+-]?(?:[0-9]+(?:\\.[0-9]+)?|\\.[0-9]+)',
    BASE16NUM: '[+-]?(?:0x)?[0-9A-Fa-f]+',
    BASE16FLOAT: '[+-]?(?:0x)?[0-9A-Fa-f]+(?:\\.[0-9A-Fa-f]*)?',
    POSINT: '\\b[1-9][0-9]*\\b',
    NONNEGINT: '\\b[0-9]+\\b',
    QUOTEDSTRING: '"(?:[^"\\\\]|\\\\.)*"|\'(?:[^\'\\\\]|\\\\.)*\'',
    QS: '%{QUOTEDSTRING}',
    UUID: '[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}',
    URN: "urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:[0-9A-Za-z()+,.:=@;$_!*'/?#-]+",

    IP: '%{IPV6}|%{IPV4}',
    IPV6: `(?:${IPV6})(?:%[0-9A-Za-z._~-]+)?`,
    IPV4,
    IPORHOST: '%{IP}|%{HOSTNAME}',
    HOSTNAME: '\\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*(?:\\.|\\b)',
    HOSTPORT: '%{IPORHOST}:%{POSINT}',
    EMAILLOCALPART: '[A-Za-z][A-Za-z0-9_.+=:-]*',
    EMAILADDRESS: '%{EMAILLOCALPART}@%{HOSTNAME}',
    USERNAME: '[A-Za-z0-9._-]+',
    USER: '%{USERNAME}',
    MAC: '%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC}',
    CISCOMAC: '(?:[0-9A-Fa-f]{4}\\.){2}[0-9A-Fa-f]{4}',
    WINDOWSMAC: '(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}',
    COMMONMAC: '(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}',

    PATH: '%{UNIXPATH}|%{WINPATH}',
    UNIXPATH: '(?:/[\\w%!$@:.,+~-]+)+',
    WINPATH: '[A-Za-z]+:(?:\\\\[^\\\\?*]+)+',
    TTY: '/dev/(?:pts|tty[pq]?)\\w*/?[0-9]+',
    URIPROTO: '[A-Za-z][A-Za-z0-9+.-]+',
    URIHOST: '%{IPORHOST}(?::%{POSINT})?',
    URIPATH: "(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+",
    URIQUERY: "[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\\[\\]<>-]*",
    URIPARAM: '\\?%{URIQUERY}',
    URIPATHPARAM: '%{URIPATH}(?:\\?%{URIQUERY})?',
    URI: '%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?%{URIHOST}(?:%{URIPATH}(?:\\?%{URIQUERY})?)?',

    MONTH:
      '\\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\\b',
    MONTHNUM: '0[1-9]|1[0-2]',
    MONTHDAY: '0[1-9]|[12][0-9]|3[01]|[1-9]',
    DAY: '\\b(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)\\b',
    YEAR: '[0-9]{4}|[0-9]{2}',
    HOUR: '2[0-3]|[01]?[0-9]',
    MINUTE: '[0-5][0-9]',
    // A leap second is number 60.
    SECOND: '(?:[0-5][0-9]|60)(?:[:.,][0-9]+)?',
    TIME: '%{HOUR}:%{MINUTE}(?::%{SECOND})?',
    DATE: '%{DATE_US}|%{DATE_EU}',
    DATE_US: '%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}',
    DATE_EU: '%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}',
    ISO8601_TIMEZONE: 'Z|[+-]%{HOUR}:?%{MINUTE}',
    ISO8601_SECOND: '%{SECOND}',
    TIMESTAMP_ISO8601: '%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?',
    DATESTAMP: '%{DATE}[- ]%{TIME}',
    TZ: '[PMACE][SED]T|UTC',
    DATESTAMP_RFC822: '%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ}',
    DATESTAMP_RFC2822: '%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} %{ISO8601_TIMEZONE}',
    DATESTAMP_OTHER: '%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR}',
    DATESTAMP_EVENTLOG: '%{YEAR}%{MONTHNUM}%{MONTHDAY}%{HOUR}%{MINUTE}%{SECOND}',
    HTTPDATE: '%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}',

    SYSLOGTIMESTAMP: '%{MONTH} +%{MONTHDAY} %{TIME}',
    PROG: '[!-Z\\\\^-~]+',
    SYSLOGPROG: '%{PROG}(?:\\[[0-9]+\\])?',
    SYSLOGHOST: '%{IPORHOST}',
    SYSLOGFACILITY: '<%{NONNEGINT}.%{NONNEGINT}>',
    SYSLOGBASE: '%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:host.name} %{SYSLOGPROG}:',
    LOGLEVEL:
      '(?i:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|emerg(?:ency)?)',
  }),
);
