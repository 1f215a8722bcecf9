import { words } from '../pattern-parts.ts';

const noneOr = (field: string): string => `(?:None|%{DATA:${field}})`;

const ENDS = words(
  '%{IP:source.address}/%{INT:source.port:int}->%{IP:destination.address}/%{INT:destination.port:int}',
  '%{DATA:juniper.srx.service_name}',
);

const TRANSLATED_ENDS = words(
  ENDS,
  '%{IP:source.nat.ip}/%{INT:source.nat.port:int}->%{IP:destination.nat.ip}/%{INT:destination.nat.port:int}',
  noneOr('juniper.srx.src_nat_rule_name'),
  noneOr('juniper.srx.dst_nat_rule_name'),
  '%{INT:network.iana_number}',
);

const POLICY = '%{DATA:rule.name} %{DATA:observer.ingress.zone} %{DATA:observer.egress.zone}';

/** Sessions of Juniper's SRX firewalls: closed, created and denied. */
export const JUNOS_PATTERNS = {
  RT_FLOW_TAG: 'RT_FLOW_SESSION_(?:CREATE|CLOSE|DENY)',
  RT_FLOW_EVENT: '%{RT_FLOW_TAG}',
  RT_FLOW1: words(
    '%{RT_FLOW_TAG:juniper.srx.tag}: %{GREEDYDATA:juniper.srx.reason}:',
    TRANSLATED_ENDS,
    POLICY,
    '%{INT:juniper.srx.session_id}',
    '[0-9]+\\(%{INT:source.bytes:long}\\)',
    '[0-9]+\\(%{INT:destination.bytes:long}\\)',
    '%{INT:juniper.srx.elapsed_time:int} .*',
  ),
  RT_FLOW2: words(
    '%{RT_FLOW_TAG:juniper.srx.tag}: session created',
    TRANSLATED_ENDS,
    POLICY,
    '%{INT:juniper.srx.session_id} .*',
  ),
  RT_FLOW3: words(
    '%{RT_FLOW_TAG:juniper.srx.tag}: session denied',
    ENDS,
    '%{INT:network.iana_number}\\([0-9]\\)',
    POLICY,
    '.*',
  ),
};
