import { maybe, orHyphen, orMinusOne, words } from '../pattern-parts.ts';

const TIME = '%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp}';
const FROM_SYSLOG = `(?:${TIME}) %{IPORHOST:host.name} %{SYSLOGPROG}: `;

const CLIENT = words(
  '%{IP:source.address}:%{INT:source.port:int}',
  '\\[%{HAPROXYDATE:haproxy.request_date}\\]',
  '%{NOTSPACE:haproxy.frontend_name}',
  '%{NOTSPACE:haproxy.backend_name}/(?:<NOSRV>|%{NOTSPACE:haproxy.server_name})',
);

const milliseconds = (field: string): string => orMinusOne(`%{INT:haproxy.${field}_ms:int}`);
const CONNECT_TIMES = [milliseconds('total_waiting_time'), milliseconds('connection_wait_time')];
const TOTAL_TIME = '%{NOTSPACE:haproxy.total_time_ms}';

const HTTP_TIMES = [
  milliseconds('http.request.time_wait'),
  ...CONNECT_TIMES,
  milliseconds('http.request.time_wait_without_data'),
  TOTAL_TIME,
].join('/');

const COUNTS = [
  ['active', 'frontend', 'backend', 'server', 'retries']
    .map((count) => `%{INT:haproxy.connections.${count}:int}`)
    .join('/'),
  '%{INT:haproxy.server_queue:int}/%{INT:haproxy.backend_queue:int}',
].join(' ');

const CAPTURED_HEADERS = ' \\{%{HAPROXYCAPTUREDREQUESTHEADERS}\\}' + maybe(' \\{%{HAPROXYCAPTUREDRESPONSEHEADERS}\\}');

/** HAProxy's `option httplog` and `option tcplog`. */
export const HAPROXY_PATTERNS = {
  HAPROXYTIME: '\\b%{HOUR}:%{MINUTE}(?::%{SECOND})?\\b',
  HAPROXYDATE: '%{MONTHDAY}/%{MONTH}/%{YEAR}:%{HAPROXYTIME}.%{INT}',
  HAPROXYCAPTUREDREQUESTHEADERS: orHyphen('%{DATA:haproxy.http.request.captured_headers}'),
  HAPROXYCAPTUREDRESPONSEHEADERS: orHyphen('%{DATA:haproxy.http.response.captured_headers}'),
  HAPROXYURI:
    '(?:%{URIPROTO:url.scheme}://)?(?:%{USER:url.username}(?::[^@]*)?@)?' +
    '(?:%{IPORHOST:url.domain}(?::%{POSINT:url.port:int})?)?(?:%{URIPATH:url.path}(?:\\?%{URIQUERY:url.query})?)?',
  HAPROXYHTTPREQUESTLINE:
    '<BADREQ>|%{WORD:http.request.method} %{HAPROXYURI:url.original}(?: HTTP/%{NUMBER:http.version})?',
  HAPROXYHTTPBASE:
    words(
      CLIENT,
      HTTP_TIMES,
      '%{INT:http.response.status_code:int}',
      '%{INT:source.bytes:long}',
      orHyphen('%{DATA:haproxy.http.request.captured_cookie}'),
      orHyphen('%{DATA:haproxy.http.response.captured_cookie}'),
      '%{NOTSPACE:haproxy.termination_state}',
      COUNTS,
    ) +
    maybe(CAPTURED_HEADERS) +
    // Long lines are cut, so that the quote may be missing.
    maybe(' "%{HAPROXYHTTPREQUESTLINE}"?'),
  HAPROXYHTTP: `${FROM_SYSLOG}%{HAPROXYHTTPBASE}`,
  HAPROXYTCP:
    FROM_SYSLOG +
    words(
      CLIENT,
      [...CONNECT_TIMES, TOTAL_TIME].join('/'),
      '%{INT:source.bytes:long}',
      '%{NOTSPACE:haproxy.termination_state}',
      COUNTS,
    ),
};
