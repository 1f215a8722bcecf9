import { maybe, oneOf } from '../pattern-parts.ts';

/** Lines that say nothing about a message. */
const OTHER_LINES = [
  'Message is frozen',
  '(?:Start|End) queue run',
  ' Warning: ',
  ' retry time not reached ',
  ' no (?:IP address|host name) found for (?:IP address|host) ',
  ' unexpected disconnection while reading SMTP command ',
  ' no immediate delivery: ',
  'another process is handling this message',
];

/** The main log of the Exim mail server. */
export const EXIM_PATTERNS = {
  EXIM_MSGID: '[0-9A-Za-z]{6}-[0-9A-Za-z]{6}-[0-9A-Za-z]{2}',
  EXIM_FLAGS: '<=|=>|->|\\*>|\\*\\*|==|<>|>>',
  EXIM_DATE: '%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{TIME}',
  EXIM_PID: '\\[%{POSINT:process.pid:int}\\]',
  EXIM_QT: ['y', 'w', 'd', 'h', 'm', 's'].map((unit) => `(?:[0-9]+${unit})?`).join(''),
  EXIM_EXCLUDE_TERMS: oneOf(...OTHER_LINES),
  EXIM_REMOTE_HOST:
    'H=(?:\\(%{NOTSPACE:source.host.name}\\) )?(?:\\(%{NOTSPACE:exim.log.remote_address}\\) )?' +
    '\\[%{IP:source.address}\\](?::%{POSINT:source.port:int})?',
  EXIM_INTERFACE: 'I=\\[%{IP:destination.address}\\](?::%{NUMBER:destination.port:int})',
  EXIM_PROTOCOL: 'P=%{NOTSPACE:network.protocol.name}',
  EXIM_MSG_SIZE: 'S=%{NUMBER:exim.log.message.body.size:int}',
  EXIM_HEADER_ID: 'id=%{NOTSPACE:exim.log.header_id}',
  EXIM_QUOTED_CONTENT: '(?:[^\\\\"]|\\\\.)*',
  EXIM_SUBJECT: 'T="%{EXIM_QUOTED_CONTENT:exim.log.message.subject}"',
  EXIM_UNKNOWN_FIELD: '[A-Za-z0-9]{1,4}=(?:%{QUOTEDSTRING}|%{NOTSPACE})',
  EXIM_NAMED_FIELDS:
    '(?: (?:%{EXIM_REMOTE_HOST}|%{EXIM_INTERFACE}|%{EXIM_PROTOCOL}|%{EXIM_MSG_SIZE}|%{EXIM_HEADER_ID}|' +
    '%{EXIM_SUBJECT}|%{EXIM_UNKNOWN_FIELD}))*',
  EXIM_MESSAGE_ARRIVAL:
    '%{EXIM_DATE:timestamp} (?:%{EXIM_PID} )?%{EXIM_MSGID:exim.log.message.id} (?P<exim___log___flags><=) ' +
    '(?:(?P<exim___log___status>[a-z:]) )?%{EMAILADDRESS:exim.log.sender.email}%{EXIM_NAMED_FIELDS}' +
    maybe('(?: from <?%{DATA:exim.log.sender.original}>?)? for %{EMAILADDRESS:exim.log.recipient.email}'),
  EXIM: '%{EXIM_MESSAGE_ARRIVAL}',
};
