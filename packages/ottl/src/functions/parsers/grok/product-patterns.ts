import { AWS_PATTERNS } from './products/aws.ts';
import { BIND9_PATTERNS } from './products/bind9.ts';
import { CISCO_ASA_PATTERNS } from './products/cisco-asa.ts';
import { DATABASE_PATTERNS } from './products/databases.ts';
import { EXIM_PATTERNS } from './products/exim.ts';
import { HAPROXY_PATTERNS } from './products/haproxy.ts';
import { HTTPD_PATTERNS } from './products/httpd.ts';
import { JAVA_PATTERNS } from './products/java.ts';
import { JUNOS_PATTERNS } from './products/junos.ts';
import { NAGIOS_PATTERNS } from './products/nagios.ts';
import { PACKET_FILTER_PATTERNS } from './products/packet-filters.ts';
import { RUBY_PATTERNS } from './products/ruby.ts';
import { SQUID_PATTERNS } from './products/squid.ts';
import { SYSLOG_PATTERNS } from './products/syslog.ts';
import { ZEEK_PATTERNS } from './products/zeek.ts';

/** Patterns of what certain products log, most of them for whole lines. */
export const PRODUCT_PATTERNS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...AWS_PATTERNS,
    ...BIND9_PATTERNS,
    ...CISCO_ASA_PATTERNS,
    ...DATABASE_PATTERNS,
    ...EXIM_PATTERNS,
    ...HAPROXY_PATTERNS,
    ...HTTPD_PATTERNS,
    ...JAVA_PATTERNS,
    ...JUNOS_PATTERNS,
    ...NAGIOS_PATTERNS,
    ...PACKET_FILTER_PATTERNS,
    ...RUBY_PATTERNS,
    ...SQUID_PATTERNS,
    ...SYSLOG_PATTERNS,
    ...ZEEK_PATTERNS,
  }),
);
