import { orHyphen } from '../pattern-parts.ts';

/** The header of RFC 5424: priority, version, time, host, program, process, message id and structured data. */
const SYSLOG_5424 = [
  '%{SYSLOG5424PRI}%{NONNEGINT:system.syslog.version}',
  orHyphen('%{TIMESTAMP_ISO8601:timestamp}'),
  orHyphen('%{IPORHOST:host.name}'),
  orHyphen('%{SYSLOG5424PRINTASCII:process.command}'),
  orHyphen('%{POSINT:process.pid:int}'),
  orHyphen('%{SYSLOG5424PRINTASCII:event.code}'),
  `${orHyphen('%{SYSLOG5424SD:system.syslog.structured_data}')}?`,
].join(' +');

/** Lines of syslog, old and new, and what PAM and cron write there. */
export const SYSLOG_PATTERNS = {
  SYSLOGLINE: '%{SYSLOGBASE2} %{GREEDYDATA:message}',
  SYSLOGBASE2:
    '(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp})(?: %{SYSLOGFACILITY})?(?: %{SYSLOGHOST:host.name})?(?: %{SYSLOGPROG}:)?',
  SYSLOGPAMSESSION:
    '%{SYSLOGBASE} (?:%{GREEDYDATA:message})%{WORD:system.auth.pam.module}\\(%{DATA:system.auth.pam.origin}\\): ' +
    'session %{WORD:system.auth.pam.session_state} for user %{USERNAME:user.name}(?: by %{GREEDYDATA})?',
  CRON_ACTION: '[A-Z ]+',
  CRONLOG: '%{SYSLOGBASE} \\(%{USER:user.name}\\) %{CRON_ACTION:system.cron.action} \\(%{DATA:message}\\)',

  SYSLOG5424PRINTASCII: '[!-~]+',
  SYSLOG5424PRI: '<%{NONNEGINT:log.syslog.priority:int}>',
  SYSLOG5424SD: '\\[%{DATA}\\]+',
  SYSLOG5424BASE: SYSLOG_5424,
  SYSLOG5424LINE: '%{SYSLOG5424BASE} +%{GREEDYDATA:message}',
};
