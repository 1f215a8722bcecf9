import { maybe, orHyphen, words } from '../pattern-parts.ts';

/** Host, identity, user, time, request, status and size. */
const COMMON_LOG = words(
  '%{IPORHOST:source.address}',
  orHyphen('%{HTTPDUSER:apache.access.user.identity}'),
  orHyphen('%{HTTPDUSER:user.name}'),
  '\\[%{HTTPDATE:timestamp}\\]',
  '"(?:%{WORD:http.request.method} %{NOTSPACE:url.original}(?: HTTP/%{NUMBER:http.version})?|%{DATA})"',
  orHyphen('%{INT:http.response.status_code:int}'),
  orHyphen('%{INT:http.response.body.size:long}'),
);

/** Apache's access logs, which many other servers write, too, and its error logs. */
export const HTTPD_PATTERNS = {
  HTTPDUSER: '%{EMAILADDRESS}|%{USER}',
  HTTPDERROR_DATE: '%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR}',
  HTTPD_COMMONLOG: COMMON_LOG,
  HTTPD_COMBINEDLOG: '%{HTTPD_COMMONLOG} "(?:-|%{DATA:http.request.referrer})" "(?:-|%{DATA:user_agent.original})"',
  HTTPD20_ERRORLOG:
    '\\[%{HTTPDERROR_DATE:timestamp}\\] \\[%{LOGLEVEL:log.level}\\] (?:\\[client %{IPORHOST:source.address}\\] )?%{GREEDYDATA:message}',
  HTTPD24_ERRORLOG:
    '\\[%{HTTPDERROR_DATE:timestamp}\\] \\[(?:%{WORD:apache.error.module})?:%{LOGLEVEL:log.level}\\] ' +
    '\\[pid %{POSINT:process.pid:long}(?::tid %{INT:process.thread.id:int})?\\]' +
    maybe(' \\(%{POSINT:apache.error.proxy.error.code}\\)?%{DATA:apache.error.proxy.error.message}:') +
    maybe(' \\[client %{IPORHOST:source.address}(?::%{POSINT:source.port:int})?\\]') +
    `${maybe(' %{DATA:error.code}:')} %{GREEDYDATA:message}`,
  HTTPD_ERRORLOG: '%{HTTPD20_ERRORLOG}|%{HTTPD24_ERRORLOG}',
  COMMONAPACHELOG: '%{HTTPD_COMMONLOG}',
  COMBINEDAPACHELOG: '%{HTTPD_COMBINEDLOG}',
};
