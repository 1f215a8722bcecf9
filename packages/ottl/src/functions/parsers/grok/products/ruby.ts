import { maybe } from '../pattern-parts.ts';

const milliseconds = (field: string): string => `%{NUMBER:rails.request.duration.${field}:float}ms`;

/** Ruby's logger, Rails, and MCollective, which is written in Ruby. */
export const RUBY_PATTERNS = {
  RUBY_LOGLEVEL: 'DEBUG|FATAL|ERROR|WARN|INFO',
  RUBY_LOGGER:
    '[DFEWI], \\[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:process.pid:int}\\] *%{RUBY_LOGLEVEL:log.level} -- +' +
    '%{DATA:process.command}: %{GREEDYDATA:message}',

  RUUID: '\\S{32}',
  RCONTROLLER: '(?P<rails___controller___class>[^#]+)#(?P<rails___controller___action>\\w+)',
  RAILS3HEAD:
    'Started %{WORD:http.request.method} "%{URIPATHPARAM:url.original}" for %{IPORHOST:source.address} at ' +
    '(?P<timestamp>%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:%{MINUTE}:%{SECOND} %{ISO8601_TIMEZONE})',
  RPROCESSING:
    '\\W*Processing by %{RCONTROLLER} as (?P<rails___request___format>\\S+)' +
    maybe('\\W*Parameters: \\{%{DATA:rails.request.params}\\}\\W*'),
  RAILS3PROFILE: maybe(`\\((?:Views: ${milliseconds('view')} \\| )?ActiveRecord: ${milliseconds('active_record')}`),
  RAILS3FOOT:
    `Completed %{POSINT:http.response.status_code:int}%{DATA} in ${milliseconds('total')} ` +
    '%{RAILS3PROFILE}%{GREEDYDATA}',
  RAILS3: '%{RAILS3HEAD}(?:%{RPROCESSING})?(?P<rails___request___explain___original>(?:%{DATA}\\n)*)(?:%{RAILS3FOOT})?',

  MCOLLECTIVE: '., \\[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:process.pid:int}\\]%{SPACE}%{LOGLEVEL:log.level}',
  MCOLLECTIVEAUDIT: '%{TIMESTAMP_ISO8601:timestamp}:',
};
