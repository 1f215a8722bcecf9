import { oneOf } from '../pattern-parts.ts';

const RECORD_TYPES = [
  'A AAAA CAA CDNSKEY CDS CERT CNAME CSYNC DLV DNAME DNSKEY DS HINFO LOC MX NAPTR NS NSEC NSEC3',
  'OPENPGPKEY PTR RRSIG RP SIG SMIMEA SOA SRV TSIG TXT URI IN',
].flatMap((line) => line.split(' '));

/** What BIND 9 writes for each query. */
export const BIND9_PATTERNS = {
  BIND9_TIMESTAMP: '%{MONTHDAY}-%{MONTH}-%{YEAR} %{TIME}',
  BIND9_DNSTYPE: oneOf(...RECORD_TYPES),
  BIND9_CATEGORY: 'queries',
  BIND9_QUERYLOGBASE:
    'client(?: @0x[0-9A-Fa-f]+)? %{IP:client.address}#%{POSINT:client.port:int} ' +
    '\\(%{GREEDYDATA:bind.log.question.name}\\): query: %{GREEDYDATA:dns.question.name} ' +
    '(?P<dns___question___class>IN) %{BIND9_DNSTYPE:dns.question.type}' +
    '(?: %{DATA:bind.log.question.flags})? \\(%{IP:server.address}\\)',
  // "bing" is how the Collector spells it.
  BIND9_QUERYLOG:
    '%{BIND9_TIMESTAMP:timestamp} %{BIND9_CATEGORY:bing.log.category}: %{LOGLEVEL:log.level}: %{BIND9_QUERYLOGBASE}',
  BIND9: '%{BIND9_QUERYLOG}',
};
