/** A value, or the hyphen that stands for none in access logs and in syslog. It goes first: it could be a user's name. */
function orHyphen(pattern: string): string {
  return `(?:-|${pattern})`;
}

/** Apache's Common Log Format: host, identity, user, time, request, status and size. */
const COMMON_LOG = [
  '%{IPORHOST:source.address}',
  orHyphen('%{HTTPDUSER:apache.access.user.identity}'),
  orHyphen('%{HTTPDUSER:user.name}'),
  '\\[%{HTTPDATE:timestamp}\\]',
  '"(?:%{WORD:http.request.method} %{NOTSPACE:url.original}(?: HTTP/%{NUMBER:http.version})?|%{DATA})"',
  orHyphen('%{INT:http.response.status_code:int}'),
  orHyphen('%{INT:http.response.body.size:long}'),
].join(' ');

/** The header of RFC 5424: priority, version, time, host, program, process, message id and structured data. */
const SYSLOG_5424 = [
  '%{SYSLOG5424PRI}%{NONNEGINT:system.syslog.version}',
  orHyphen('%{TIMESTAMP_ISO8601:timestamp}'),
  orHyphen('%{IPORHOST:host.hostname}'),
  orHyphen('%{SYSLOG5424PRINTASCII:process.name}'),
  orHyphen('%{POSINT:process.pid:int}'),
  orHyphen('%{SYSLOG5424PRINTASCII:event.code}'),
  orHyphen('%{SYSLOG5424SD:system.syslog.structured_data}'),
].join(' +');

/** Patterns of whole lines, for access logs and syslog. */
export const LOG_PATTERNS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    HTTPDUSER: '%{EMAILADDRESS}|%{USER}',
    HTTPD_COMMONLOG: COMMON_LOG,
    HTTPD_COMBINEDLOG: '%{HTTPD_COMMONLOG} "(?:-|%{DATA:http.request.referrer})" "(?:-|%{DATA:user_agent.original})"',
    COMMONAPACHELOG: '%{HTTPD_COMMONLOG}',
    COMBINEDAPACHELOG: '%{HTTPD_COMBINEDLOG}',

    SYSLOGLINE: '%{SYSLOGBASE2} %{GREEDYDATA:message}',
    SYSLOGBASE2:
      '(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp})(?: %{SYSLOGFACILITY})?(?: %{SYSLOGHOST:host.name})?(?: %{SYSLOGPROG}:)?',
    SYSLOG5424PRINTASCII: '[!-~]+',
    SYSLOG5424PRI: '<%{NONNEGINT:log.syslog.priority:int}>',
    SYSLOG5424SD: '\\[%{DATA}\\]+',
    SYSLOG5424BASE: SYSLOG_5424,
    SYSLOG5424LINE: '%{SYSLOG5424BASE} +%{GREEDYDATA:message}',
  }),
);
