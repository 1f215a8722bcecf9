/** Logs of MongoDB before version 4.4, of PostgreSQL, and of Redis with its MONITOR command. */
export const DATABASE_PATTERNS = {
  MONGO_LOG: '%{SYSLOGTIMESTAMP:timestamp} \\[%{WORD:db.mongodb.component}\\] %{GREEDYDATA:message}',
  MONGO_QUERY_CONTENT: '.*?',
  MONGO_QUERY: '\\{ %{MONGO_QUERY_CONTENT:MONGO_QUERY} \\} ntoreturn:',
  MONGO_WORDDASH: '\\b[\\w-]+\\b',
  MONGO_SLOWQUERY:
    '%{WORD:db.mongodb.profile.op} %{MONGO_WORDDASH:db.mongodb.database}\\.%{MONGO_WORDDASH:db.mongodb.collection} ' +
    '%{WORD}: \\{ %{MONGO_QUERY_CONTENT:db.mongodb.query.original} \\} ' +
    'ntoreturn:%{NONNEGINT:db.mongodb.profile.ntoreturn:int} ntoskip:%{NONNEGINT:db.mongodb.profile.ntoskip:int} ' +
    'nscanned:%{NONNEGINT:db.mongodb.profile.nscanned:int}.*? nreturned:%{NONNEGINT:db.mongodb.profile.nreturned:int}' +
    '.*? %{INT:db.mongodb.profile.duration:int}ms',
  MONGO3_SEVERITY: '\\w',
  MONGO3_COMPONENT: '%{WORD}',
  MONGO3_LOG:
    '%{TIMESTAMP_ISO8601:timestamp} %{MONGO3_SEVERITY:log.level} (?:-|%{MONGO3_COMPONENT:db.mongodb.component})' +
    '%{SPACE}(?:\\[%{DATA:db.mongodb.context}\\])? %{GREEDYDATA:message}',

  POSTGRESQL:
    '%{DATESTAMP:timestamp} %{TZ:event.timezone} %{DATA:user.name} %{GREEDYDATA:postgresql.log.connection_id} %{POSINT:process.pid:int}',

  REDISTIMESTAMP: '%{MONTHDAY} %{MONTH} %{TIME}',
  REDISLOG: '\\[%{POSINT:process.pid:int}\\] %{REDISTIMESTAMP:timestamp} \\*',
  REDISMONLOG:
    '%{NUMBER:timestamp} \\[%{INT:redis.database.id} %{IP:client.address}:%{POSINT:client.port:int}\\] ' +
    '"%{WORD:redis.command.name}"\\s?%{GREEDYDATA:redis.command.args}',
};
