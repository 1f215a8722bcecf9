/** Identifiers of Java, which may contain a dollar sign. */
const IDENTIFIER = '[A-Za-z_$][A-Za-z0-9_$]*';

/** Stack traces, logs of Tomcat and of its core Catalina, and versions of Maven artifacts. */
export const JAVA_PATTERNS = {
  JAVACLASS: `(?:${IDENTIFIER}\\.)*${IDENTIFIER}`,
  JAVAFILE: '[A-Za-z0-9_$. -]+',
  JAVAMETHOD: `<(?:cl)?init>|${IDENTIFIER}`,
  JAVASTACKTRACEPART:
    '%{SPACE}at %{JAVACLASS:java.log.origin.class.name}\\.%{JAVAMETHOD:log.origin.function}' +
    '\\(%{JAVAFILE:log.origin.file.name}(?::%{INT:log.origin.file.line:int})?\\)',
  JAVATHREAD: '[A-Z]{2}-Processor[0-9]+',
  JAVALOGMESSAGE: '.*',

  CATALINA7_DATESTAMP: '%{MONTH} %{MONTHDAY}, %{YEAR} %{HOUR}:%{MINUTE}:%{SECOND} (?:AM|PM)',
  CATALINA7_LOG:
    '%{CATALINA7_DATESTAMP:timestamp} %{JAVACLASS:java.log.origin.class.name}' +
    '(?: %{JAVAMETHOD:log.origin.function})?\\s*(?:%{LOGLEVEL:log.level}:)? %{JAVALOGMESSAGE:message}',
  CATALINA8_DATESTAMP: '%{MONTHDAY}-%{MONTH}-%{YEAR} %{HOUR}:%{MINUTE}:%{SECOND}',
  CATALINA8_LOG:
    '%{CATALINA8_DATESTAMP:timestamp} %{LOGLEVEL:log.level} \\[%{DATA:java.log.origin.thread.name}\\] ' +
    '%{JAVACLASS:java.log.origin.class.name}\\.(?:%{JAVAMETHOD:log.origin.function})? %{JAVALOGMESSAGE:message}',
  CATALINA_DATESTAMP: '%{CATALINA8_DATESTAMP}|%{CATALINA7_DATESTAMP}',
  CATALINALOG: '%{CATALINA8_LOG}|%{CATALINA7_LOG}',

  TOMCAT7_LOG: '%{CATALINA7_LOG}',
  TOMCAT8_LOG: '%{CATALINA8_LOG}',
  TOMCATLEGACY_DATESTAMP: '%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:%{MINUTE}:%{SECOND}(?: %{ISO8601_TIMEZONE})?',
  TOMCATLEGACY_LOG:
    '%{TOMCATLEGACY_DATESTAMP:timestamp} \\| %{LOGLEVEL:log.level} \\| %{JAVACLASS:java.log.origin.class.name} - %{JAVALOGMESSAGE:message}',
  TOMCAT_DATESTAMP: '%{CATALINA8_DATESTAMP}|%{CATALINA7_DATESTAMP}|%{TOMCATLEGACY_DATESTAMP}',
  TOMCATLOG: '%{TOMCAT8_LOG}|%{TOMCAT7_LOG}|%{TOMCATLEGACY_LOG}',

  MAVEN_VERSION: '(?:[0-9]+\\.)?(?:[0-9]+\\.)?(?:\\*|[0-9]+)(?:[.-](?:RELEASE|SNAPSHOT))?',
};
