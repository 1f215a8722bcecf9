import { maybe, named, oneOf } from '../pattern-parts.ts';

const OUTCOME = '%{CISCO_ACTION:cisco.asa.outcome}';
const DIRECTION = '%{CISCO_DIRECTION:cisco.asa.network.direction}';
const TRANSPORT = '%{WORD:cisco.asa.network.transport}';
const REASON = '%{CISCO_REASON:event.reason}';
const TYPE = '%{WORD:cisco.asa.network.type}';
const ICMP = 'type %{INT:cisco.asa.icmp_type:int}, code %{INT:cisco.asa.icmp_code:int}';
const RULE = '%{NOTSPACE:cisco.asa.rule_name}';
const HASH_CODES = '\\[%{DATA:metadata.cisco.asa.hashcode1}, %{DATA:metadata.cisco.asa.hashcode2}\\]';
const ON_EGRESS = 'on interface %{NOTSPACE:observer.egress.interface.name}';

const INGRESS = '%{DATA:observer.ingress.interface.name}';
const EGRESS = '%{DATA:observer.egress.interface.name}';
const SOURCE = '%{IP:source.address}';
const DESTINATION = '%{IP:destination.address}';
const SOURCE_PORT = `${SOURCE}/%{INT:source.port:int}`;
const DESTINATION_PORT = `${DESTINATION}/%{INT:destination.port:int}`;

/** A user in parentheses, if there is one. */
const user = (field: string): string => maybe(`\\(%{DATA:${field}}\\)`);
const SOURCE_USER = user('source.user.name');
const DESTINATION_USER = user('destination.user.name');

const FAILOVER = '\\((?:Primary|Secondary)\\) ';
const INTERFACE = '[Ii]nterface %{NOTSPACE:network.interface.name}';

const FAILOVER_MESSAGES = named('CISCOFW', {
  104001: `${FAILOVER}Switching to ACTIVE - %{GREEDYDATA:event.reason}`,
  104002: `${FAILOVER}Switching to STANDBY - %{GREEDYDATA:event.reason}`,
  104003: `${FAILOVER}Switching to FAILED\\.`,
  104004: `${FAILOVER}Switching to OK\\.`,
  105003: `${FAILOVER}Monitoring on ${INTERFACE} waiting`,
  105004: `${FAILOVER}Monitoring on ${INTERFACE} normal`,
  105005: `${FAILOVER}Lost Failover communications with mate on ${INTERFACE}`,
  105008: `${FAILOVER}Testing ${INTERFACE}`,
  105009: `${FAILOVER}Testing on ${INTERFACE} (?:Passed|Failed)`,
});

const FLAGS = 'flags %{DATA:cisco.asa.tcp_flags}';

const DENIED_MESSAGES = named('CISCOFW', {
  106001: `${DIRECTION} ${TRANSPORT} connection ${OUTCOME} from ${SOURCE_PORT} to ${DESTINATION_PORT} ${FLAGS} ${ON_EGRESS}`,
  '106006_106007_106010':
    `${OUTCOME} ${DIRECTION} ${TRANSPORT} (?:from|src) ${SOURCE_PORT}${SOURCE_USER} ` +
    `(?:to|dst) ${DESTINATION_PORT}${DESTINATION_USER} ${oneOf(ON_EGRESS, `due to ${REASON}`)}`,
  106014: `${OUTCOME} ${DIRECTION} ${TRANSPORT} src %{CISCO_SRC_IP_USER} dst %{CISCO_DST_IP_USER}\\s?\\(${ICMP}\\)`,
  106015:
    `${OUTCOME} ${TRANSPORT} \\(%{DATA:cisco.asa.rule_name}\\) from ${SOURCE_PORT} to ${DESTINATION_PORT} ` +
    `${FLAGS} ${ON_EGRESS}`,
  106021: `${OUTCOME} ${TRANSPORT} reverse path check from ${SOURCE} to ${DESTINATION} ${ON_EGRESS}`,
  // The Collector has other names for the fields of this one.
  106023:
    '%{CISCO_ACTION:action}(?: protocol)? %{WORD:network.protocol.name} ' +
    `src %{DATA:source.interface}:%{DATA:source.address}(?:/%{INT:source.port})?${user('source.fwuser')} ` +
    `dst %{DATA:destination.interface}:%{DATA:destination.address}(?:/%{INT:destination.port})?${user('destination.fwuser')}` +
    '(?: \\(type %{INT:icmp_type}, code %{INT:icmp_code}\\))? by access-group "?%{DATA:policy_id}"? ' +
    '\\[%{DATA:hashcode1}, %{DATA:hashcode2}\\]',
  '106100_2_3':
    `access-list ${RULE} ${OUTCOME} ${TRANSPORT} for user '%{DATA:user.name}' ` +
    `${INGRESS}/${SOURCE}\\(%{INT:source.port:int}\\) -> ${EGRESS}/${DESTINATION}\\(%{INT:destination.port:int}\\) ` +
    `%{CISCO_HITCOUNT_INTERVAL} ${HASH_CODES}`,
  106100:
    `access-list ${RULE} ${OUTCOME} ${TRANSPORT} ${INGRESS}/${SOURCE}\\(%{INT:source.port:int}\\)${SOURCE_USER} -> ` +
    `${EGRESS}/${DESTINATION}\\(%{INT:destination.port:int}\\)${SOURCE_USER} ` +
    `hit-cnt %{INT:cisco.asa.hit_count:int} %{CISCO_INTERVAL} ${HASH_CODES}`,
});

const NOTSPACE_INGRESS = '%{NOTSPACE:observer.ingress.interface.name}';
const NOTSPACE_EGRESS = '%{NOTSPACE:observer.egress.interface.name}';

const CONNECTION_MESSAGES = named('CISCOFW', {
  110002: `${REASON} for ${TRANSPORT} from ${INGRESS}:${SOURCE_PORT} to ${DESTINATION_PORT}`,
  302010: '%{INT:cisco.asa.connections.in_use:int} in use, %{INT:cisco.asa.connections.most_used:int} most used',
  '302013_302014_302015_302016':
    `${OUTCOME}(?: ${DIRECTION})? ${TRANSPORT} connection %{INT:cisco.asa.connection_id} ` +
    `for ${NOTSPACE_INGRESS}:${SOURCE_PORT}(?: \\(%{IP:source.nat.ip}/%{INT:source.nat.port:int}\\))?${SOURCE_USER} ` +
    `to ${NOTSPACE_EGRESS}:${DESTINATION_PORT}` +
    `(?: \\(%{IP:destination.nat.ip}/%{INT:destination.nat.port:int}\\))?${DESTINATION_USER}` +
    maybe(' duration %{TIME:cisco.asa.duration} bytes %{INT:network.bytes:long}') +
    `(?: ${REASON})?(?: \\(%{DATA:user.name}\\))?`,
  '302020_302021':
    `${OUTCOME}(?: ${DIRECTION})? ${TRANSPORT} connection ` +
    `for faddr ${DESTINATION}/%{INT:cisco.asa.icmp_seq:int}${DESTINATION_USER} ` +
    `gaddr %{IP:source.nat.ip}/%{INT:cisco.asa.icmp_type:int} laddr ${SOURCE}/%{INT}(?: \\(%{DATA:source.user.name}\\))?`,
  304001: `${SOURCE}${SOURCE_USER} Accessed URL ${DESTINATION}:%{GREEDYDATA:url.original}`,
  305011:
    `${OUTCOME} %{CISCO_XLATE_TYPE} ${TRANSPORT} translation ` +
    `from ${INGRESS}:${SOURCE}(?:/%{INT:source.port:int})?${SOURCE_USER} to ${EGRESS}:${DESTINATION_PORT}`,
  '313001_313004_313008':
    `${OUTCOME} ${TRANSPORT} type=%{INT:cisco.asa.icmp_type:int}, code=%{INT:cisco.asa.icmp_code:int} ` +
    `from ${SOURCE} ${ON_EGRESS}(?: to ${DESTINATION})?`,
  313005:
    `${REASON} for ${TRANSPORT} error message: %{WORD} src %{CISCO_SRC_IP_USER} dst %{CISCO_DST_IP_USER} \\(${ICMP}\\) ` +
    `on %{NOTSPACE} interface\\.\\s+Original IP payload: ${original('network.transport', 'WORD')} ` +
    `src ${originalEnd('source')} dst ${originalEnd('destination')}`,
  '710001_710002_710003_710005_710006': `${TRANSPORT} (?:request|access) ${OUTCOME} from ${SOURCE_PORT} to ${EGRESS}:${DESTINATION_PORT}`,
});

/** Of the packet that an ICMP error is about. */
function original(field: string, pattern: string): string {
  return `%{${pattern}:cisco.asa.original_ip_payload.${field}}`;
}

function originalEnd(end: string): string {
  const port = original(`${end}.port:int`, 'INT');
  return `${original(`${end}.address`, 'IP')}/${port}${user(`cisco.asa.original_ip_payload.${end}.user.name`)}`;
}

const SPI = '%{DATA:cisco.asa.ipsec.spi}';
const THREAT_RATE = 'rate is %{INT:cisco.asa.burst.';

const OTHER_MESSAGES = named('CISCOFW', {
  321001:
    "Resource '%{DATA:cisco.asa.resource.name}' limit of %{POSINT:cisco.asa.resource.limit:int} reached for system",
  402117: `${TYPE}: Received a non-IPSec packet \\(protocol=\\s?${TRANSPORT}\\) from ${SOURCE} to ${DESTINATION}\\.?`,
  402119:
    `${TYPE}: Received an %{WORD:cisco.asa.ipsec.protocol} packet ` +
    `\\(SPI=\\s?${SPI}, sequence number=\\s?%{DATA:cisco.asa.ipsec.seq_num}\\) from ${SOURCE} ` +
    `\\(user=\\s?%{DATA:source.user.name}\\) to ${DESTINATION} that failed anti-replay checking\\.?`,
  419001:
    `${OUTCOME} ${TRANSPORT} packet from ${NOTSPACE_INGRESS}:${SOURCE_PORT} to ${NOTSPACE_EGRESS}:${DESTINATION_PORT}, ` +
    'reason: %{GREEDYDATA:event.reason}',
  419002: `${REASON} from ${INGRESS}:${SOURCE_PORT} to ${EGRESS}:${DESTINATION_PORT} with different initial sequence number`,
  500004: `${REASON} for protocol=${TRANSPORT}, from ${SOURCE_PORT} to ${DESTINATION_PORT}`,
  '602303_602304':
    `${TYPE}: An ${DIRECTION} %{DATA:cisco.asa.ipsec.tunnel_type} SA \\(SPI=${SPI}\\) between ${SOURCE} and ${DESTINATION} ` +
    `\\(user=%{DATA:source.user.name}\\) has been ${OUTCOME}`,
  713172:
    `Group = %{DATA:cisco.asa.source.group}, IP = ${SOURCE}, Automatic NAT Detection Status:` +
    '\\s+Remote end\\s*%{DATA:metadata.cisco.asa.remote_nat}\\s*behind a NAT device' +
    '\\s+This\\s+end\\s*%{DATA:metadata.cisco.asa.local_nat}\\s*behind a NAT device',
  733100:
    '\\[\\s*%{DATA:cisco.asa.burst.object}\\s*\\] drop %{DATA:cisco.asa.burst.id} exceeded\\. ' +
    `Current burst ${THREAT_RATE}current_rate:int} per second, max configured ${THREAT_RATE}configured_rate:int}; ` +
    `Current average ${THREAT_RATE}avg_rate:int} per second, max configured ${THREAT_RATE}configured_avg_rate:int}; ` +
    'Cumulative total count is %{INT:cisco.asa.burst.cumulative_count:int}',
});

const REASONS = [
  'Duplicate TCP SYN',
  'Failed to locate egress interface',
  'Invalid transport field',
  'No matching connection',
  'DNS Response',
  'DNS Query',
  '(?:%{WORD}(?:\\s+%{WORD})*)?',
];

/** The messages of Cisco's ASA firewalls, by their numbers. */
export const CISCO_ASA_PATTERNS = {
  CISCO_TAGGED_SYSLOG:
    '^<%{POSINT:log.syslog.priority:int}>%{CISCOTIMESTAMP:timestamp}(?: %{SYSLOGHOST:host.name})? ?: %%{CISCOTAG:cisco.asa.tag}:',
  CISCOTIMESTAMP: '%{MONTH} +%{MONTHDAY}(?: %{YEAR})? %{TIME}',
  CISCOTAG: '[A-Z0-9]+-%{INT}-[A-Z0-9_]+',

  CISCO_ACTION:
    'Built|Teardown|Deny|Denied|denied by ACL|requested|permitted|denied|discarded|est-allowed|Dropping|created|deleted',
  CISCO_REASON: REASONS.join('|'),
  CISCO_DIRECTION: '[Ii]nbound|[Oo]utbound',
  CISCO_INTERVAL: 'first hit|%{INT}-second interval',
  CISCO_XLATE_TYPE: 'static|dynamic',
  CISCO_HITCOUNT_INTERVAL:
    'hit-cnt %{INT:cisco.asa.hit_count:int} (?:first hit|%{INT:cisco.asa.interval:int}-second interval)',
  CISCO_SRC_IP_USER: `${NOTSPACE_INGRESS}:${SOURCE}${SOURCE_USER}`,
  CISCO_DST_IP_USER: `${NOTSPACE_EGRESS}:${DESTINATION}${DESTINATION_USER}`,
  CISCO_SRC_HOST_PORT_USER:
    `${NOTSPACE_INGRESS}:(?:${SOURCE}|%{HOSTNAME:source.address})(?:/%{INT:source.port:int})?` + SOURCE_USER,
  CISCO_DST_HOST_PORT_USER:
    `${NOTSPACE_EGRESS}:(?:${DESTINATION}|%{HOSTNAME:destination.address})(?:/%{INT:destination.port:int})?` +
    DESTINATION_USER,

  ...FAILOVER_MESSAGES,
  ...DENIED_MESSAGES,
  ...CONNECTION_MESSAGES,
  ...OTHER_MESSAGES,
};
