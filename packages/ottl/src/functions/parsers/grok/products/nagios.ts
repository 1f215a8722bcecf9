const HOST = '%{DATA:host.hostname}';
const SERVICE = '%{DATA:service.name}';
/** At the end of a line: all that is left, as nothing marks where it ends. */
const LAST_HOST = '%{GREEDYDATA:host.hostname}';
const LAST_SERVICE = '%{GREEDYDATA:service.name}';
const STATE = '%{DATA:service.state}';
const STATE_TYPE = '%{DATA:nagios.log.state_type}';
const ATTEMPT = '%{INT:nagios.log.attempt:int}';
const USER = '%{DATA:user.name}';
const MESSAGE = '%{GREEDYDATA:message}';
const COMMENT = '%{GREEDYDATA:nagios.log.comment}';
const NOTIFICATION_COMMAND = '%{DATA:nagios.log.notification_command}';
const EVENT_HANDLER = '%{GREEDYDATA:nagios.log.event_handler_name}';
const CHECK_RESULT = '%{GREEDYDATA:nagios.log.check_result}';

/** By the words that a line has after its time: what follows, with semicolons between. */
const EVENTS: Readonly<Record<string, readonly string[]>> = {
  CURRENT_SERVICE_STATE: [HOST, SERVICE, STATE, STATE_TYPE, ATTEMPT, MESSAGE],
  CURRENT_HOST_STATE: [HOST, STATE, STATE_TYPE, ATTEMPT, MESSAGE],
  SERVICE_NOTIFICATION: [USER, HOST, SERVICE, STATE, NOTIFICATION_COMMAND, MESSAGE],
  HOST_NOTIFICATION: [USER, HOST, STATE, NOTIFICATION_COMMAND, MESSAGE],
  SERVICE_ALERT: [HOST, SERVICE, STATE, STATE_TYPE, ATTEMPT, MESSAGE],
  HOST_ALERT: [HOST, STATE, STATE_TYPE, ATTEMPT, MESSAGE],
  SERVICE_FLAPPING_ALERT: [HOST, SERVICE, STATE, MESSAGE],
  HOST_FLAPPING_ALERT: [HOST, STATE, MESSAGE],
  SERVICE_DOWNTIME_ALERT: [HOST, SERVICE, STATE, COMMENT],
  HOST_DOWNTIME_ALERT: [HOST, STATE, COMMENT],
  PASSIVE_SERVICE_CHECK: [HOST, SERVICE, STATE, COMMENT],
  PASSIVE_HOST_CHECK: [HOST, STATE, COMMENT],
  SERVICE_EVENT_HANDLER: [HOST, SERVICE, STATE, STATE_TYPE, EVENT_HANDLER],
  HOST_EVENT_HANDLER: [HOST, STATE, STATE_TYPE, EVENT_HANDLER],
  TIMEPERIOD_TRANSITION: [SERVICE, '%{NUMBER:nagios.log.period_from:int}', '%{NUMBER:nagios.log.period_to:int}'],
};

/** By the name of an external command: its arguments. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  DISABLE_SVC_CHECK: [HOST, LAST_SERVICE],
  ENABLE_SVC_CHECK: [HOST, LAST_SERVICE],
  DISABLE_HOST_CHECK: [LAST_HOST],
  ENABLE_HOST_CHECK: [LAST_HOST],
  PROCESS_HOST_CHECK_RESULT: [HOST, STATE, CHECK_RESULT],
  PROCESS_SERVICE_CHECK_RESULT: [HOST, SERVICE, STATE, CHECK_RESULT],
  SCHEDULE_HOST_DOWNTIME: [
    HOST,
    '%{NUMBER:nagios.log.start_time}',
    '%{NUMBER:nagios.log.end_time}',
    '%{NUMBER:nagios.log.fixed}',
    '%{NUMBER:nagios.log.trigger_id}',
    '%{NUMBER:nagios.log.duration:int}',
    USER,
    COMMENT,
  ],
  DISABLE_HOST_SVC_NOTIFICATIONS: [LAST_HOST],
  ENABLE_HOST_SVC_NOTIFICATIONS: [LAST_HOST],
  DISABLE_HOST_NOTIFICATIONS: [LAST_HOST],
  ENABLE_HOST_NOTIFICATIONS: [LAST_HOST],
  DISABLE_SVC_NOTIFICATIONS: [HOST, LAST_SERVICE],
  ENABLE_SVC_NOTIFICATIONS: [HOST, LAST_SERVICE],
};

function nagiosPatterns(): Record<string, string> {
  const patterns: Record<string, string> = {
    NAGIOSTIME: '\\[%{NUMBER:timestamp}\\]',
    NAGIOS_WARNING: 'Warning:%{SPACE}%{GREEDYDATA:message}',
    NAGIOS_TYPE_EXTERNAL_COMMAND: 'EXTERNAL COMMAND',
    // Has a name but no line of its own.
    NAGIOS_EC_SCHEDULE_SERVICE_DOWNTIME: 'SCHEDULE_SERVICE_DOWNTIME',
  };
  const lines = ['%{NAGIOS_WARNING}'];
  for (const [event, values] of Object.entries(EVENTS)) {
    patterns[`NAGIOS_TYPE_${event}`] = event.replaceAll('_', ' ');
    patterns[`NAGIOS_${event}`] = `%{NAGIOS_TYPE_${event}:nagios.log.type}: ${values.join(';')}`;
    lines.push(`%{NAGIOS_${event}}`);
  }
  for (const [command, values] of Object.entries(COMMANDS)) {
    patterns[`NAGIOS_EC_${command}`] = command;
    patterns[`NAGIOS_EC_LINE_${command}`] =
      `%{NAGIOS_TYPE_EXTERNAL_COMMAND:nagios.log.type}: %{NAGIOS_EC_${command}:nagios.log.command};${values.join(';')}`;
    lines.push(`%{NAGIOS_EC_LINE_${command}}`);
  }
  patterns.NAGIOSLOGLINE = `%{NAGIOSTIME} (?:${lines.join('|')})`;
  return patterns;
}

/** The event log of Nagios. */
export const NAGIOS_PATTERNS: Readonly<Record<string, string>> = nagiosPatterns();
