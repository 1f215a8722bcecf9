import { maybe, words } from '../pattern-parts.ts';

const NAT = words(
  '',
  'src-xlated ip=%{IP:source.nat.ip} port=%{INT:source.nat.port:int}',
  'dst-xlated ip=%{IP:destination.nat.ip} port=%{INT:destination.nat.port:int}',
);

const NETSCREEN_SESSION = [
  words(
    '%{SYSLOGTIMESTAMP:timestamp} %{IPORHOST:observer.hostname} %{NOTSPACE:observer.name}:',
    '(?P<observer___product>NetScreen) device_id=%{WORD:netscreen.device_id} .*?' +
      maybe('system-\\w+-%{NONNEGINT:event.code}\\(%{WORD:netscreen.session.type}\\)') +
      ':',
    'start_time="%{DATA:netscreen.session.start_time}"',
    'duration=%{INT:netscreen.session.duration:int}',
    'policy_id=%{INT:netscreen.policy_id}',
    'service=%{DATA:netscreen.service}',
    'proto=%{INT:netscreen.protocol_number:int}',
    'src zone=%{WORD:observer.ingress.zone} dst zone=%{WORD:observer.egress.zone}',
    'action=%{WORD:event.action}',
    'sent=%{INT:source.bytes:long} rcvd=%{INT:destination.bytes:long}',
    'src=%{IPORHOST:source.address} dst=%{IPORHOST:destination.address}',
  ),
  maybe(' src_port=%{INT:source.port:int} dst_port=%{INT:destination.port:int}'),
  maybe(NAT),
  maybe(' session_id=%{INT:netscreen.session.id} reason=%{GREEDYDATA:netscreen.session.reason}'),
].join('');

/** A value of Netfilter's that may be empty: `NAME=` or `NAME=value`. */
const value = (name: string, pattern: string): string => `${name}=(?:${pattern})?`;
const spaced = (...parts: readonly string[]): string => parts.join('\\s+');

const TCP_FLAGS = ['CWR', 'ECE', 'URG', 'ACK', 'PSH', 'RST', 'SYN', 'FIN'];

/** Destination, source and the type of the frame. */
const FRAME = 'MAC=(?:%{COMMONMAC:destination.mac})?(?::%{COMMONMAC:source.mac})?(?:(?::[A-Fa-f0-9]{2}){2})?';

const IPTABLES =
  spaced(
    value('IN', '%{NOTSPACE:observer.ingress.interface.name}'),
    value('OUT', '%{NOTSPACE:observer.egress.interface.name}'),
    `(?:${FRAME}\\s+)?(?:%{IPTABLES4_PART}|%{IPTABLES6_PART}).*?${value('PROTO', '%{WORD:network.transport}')}`,
    value('SPT', '%{INT:source.port:int}'),
    value('DPT', '%{INT:destination.port:int}'),
  ) + '\\s+(?:%{IPTABLES_TCP_PART})?';

/** What Linux's packet filter logs, alone and as Shorewall and SuSE's firewall prefix it, and sessions of NetScreen. */
export const PACKET_FILTER_PATTERNS = {
  NETSCREENSESSIONLOG: NETSCREEN_SESSION,

  IPTABLES_TCP_FLAGS: `(?:(?:${TCP_FLAGS.join('|')}) )*`,
  IPTABLES_TCP_PART:
    '(?:SEQ=%{INT:iptables.tcp.seq:int}\\s+)?(?:ACK=%{INT:iptables.tcp.ack:int}\\s+)?' +
    spaced(
      'WINDOW=%{INT:iptables.tcp.window:int}',
      'RES=0x%{BASE16NUM:iptables.tcp_reserved_bits}',
      '%{IPTABLES_TCP_FLAGS:iptables.tcp.flags}',
    ),
  IPTABLES4_FRAG: '(?:\\s?(?:CE|DF|MF))*',
  IPTABLES4_PART:
    spaced(
      'SRC=%{IPV4:source.address}',
      'DST=%{IPV4:destination.address}',
      value('LEN', '%{INT:iptables.length:int}'),
      value('TOS', '0|0x%{BASE16NUM:iptables.tos}'),
      value('PREC', '0x%{BASE16NUM:iptables.precedence_bits}'),
      value('TTL', '%{INT:iptables.ttl:int}'),
      value('ID', '%{INT:iptables.id}'),
      '(?:%{IPTABLES4_FRAG:iptables.fragment_flags})?',
    ) + '(?:\\s+FRAG: %{INT:iptables.fragment_offset:int})?',
  IPTABLES6_PART: spaced(
    'SRC=%{IPV6:source.address}',
    'DST=%{IPV6:destination.address}',
    value('LEN', '%{INT:iptables.length:int}'),
    value('TC', '0|0x%{BASE16NUM:iptables.tos}'),
    value('HOPLIMIT', '%{INT:iptables.ttl:int}'),
    value('FLOWLBL', '%{INT:iptables.flow_label}'),
  ),
  IPTABLES,

  SHOREWALL:
    '%{SYSLOGTIMESTAMP:timestamp} %{WORD:observer.hostname} .*' +
    'Shorewall:(?:%{WORD:shorewall.firewall.type})?:(?:%{WORD:shorewall.firewall.action})?.*%{IPTABLES}',
  SFW2_LOG_PREFIX: 'SFW2-INext-%{NOTSPACE:suse.firewall.action}',
  SFW2:
    '(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp})\\s*%{HOSTNAME:observer.hostname}' +
    '.*?%{SFW2_LOG_PREFIX:suse.firewall.log_prefix}\\s*%{IPTABLES}',
};
