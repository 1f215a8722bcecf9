import { orHyphen } from '../pattern-parts.ts';

/** The native access log of Squid 3 and newer. */
export const SQUID_PATTERNS = {
  SQUID3_STATUS: '%{POSINT:http.response.status_code:int}|0|000',
  SQUID3: [
    '%{NUMBER:timestamp}\\s+%{NUMBER:squid.request.duration:int}',
    '%{IP:source.address}',
    '%{WORD:event.action}/%{SQUID3_STATUS}',
    '%{INT:http.response.bytes:long}',
    '%{WORD:http.request.method}',
    '%{NOTSPACE:url.original}',
    orHyphen('%{NOTSPACE:user.name}'),
    `%{WORD:squid.hierarchy_code}/${orHyphen('%{IPORHOST:destination.address}')}`,
    orHyphen('%{NOTSPACE:http.response.mime_type}'),
  ].join('\\s'),
};
