import { maybe, orHyphen, orMinusOne, tabs, words } from '../pattern-parts.ts';

/** What S3's access logs got when their lines became longer; all or none of these is there. */
const S3_NEWER = words(
  '',
  orHyphen('%{NOTSPACE:aws.s3access.host_id}'),
  orHyphen('%{NOTSPACE:aws.s3access.signature_version}'),
  orHyphen('%{NOTSPACE:tls.cipher}'),
  orHyphen('%{NOTSPACE:aws.s3access.authentication_type}'),
  orHyphen('%{NOTSPACE:aws.s3access.host_header}'),
  orHyphen('%{NOTSPACE:aws.s3access.tls_version}'),
);

const S3_LINE = words(
  '%{WORD:aws.s3access.bucket_owner}',
  '%{NOTSPACE:aws.s3access.bucket}',
  '\\[%{HTTPDATE:timestamp}\\]',
  orHyphen('%{IP:client.address}'),
  orHyphen('%{NOTSPACE:client.user.id}'),
  '%{NOTSPACE:aws.s3access.request_id}',
  '%{NOTSPACE:aws.s3access.operation}',
  orHyphen('%{NOTSPACE:aws.s3access.key}'),
  orHyphen('"%{S3_REQUEST_LINE:aws.s3access.request_uri}"'),
  orHyphen('%{INT:http.response.status_code:int}'),
  orHyphen('%{NOTSPACE:aws.s3access.error_code}'),
  orHyphen('%{INT:aws.s3access.bytes_sent:long}'),
  orHyphen('%{INT:aws.s3access.object_size:long}'),
  orHyphen('%{INT:aws.s3access.total_time:int}'),
  orHyphen('%{INT:aws.s3access.turn_around_time:int}'),
  `"${orHyphen('%{DATA:http.request.referrer}')}"`,
  `"${orHyphen('%{DATA:user_agent.original}')}"`,
  orHyphen('%{NOTSPACE:aws.s3access.version_id}'),
);

const ELB_LINE = words(
  '%{TIMESTAMP_ISO8601:timestamp}',
  '%{NOTSPACE:aws.elb.name}',
  '%{IP:source.address}:%{INT:source.port:int}',
  orHyphen('%{IP:aws.elb.backend.ip}:%{INT:aws.elb.backend.port:int}'),
  orMinusOne('%{NUMBER:aws.elb.request_processing_time.sec:float}'),
  orMinusOne('%{NUMBER:aws.elb.backend_processing_time.sec:float}'),
  orMinusOne('%{NUMBER:aws.elb.response_processing_time.sec:float}'),
  '%{INT:http.response.status_code:int}',
  orHyphen('%{INT:aws.elb.backend.http.response.status_code:int}'),
  '%{INT:http.request.body.size:long}',
  '%{INT:http.response.body.size:long}',
  '"%{ELB_REQUEST_LINE}"',
);

const ELB_NEWER = words(
  '',
  `"${orHyphen('%{DATA:user_agent.original}')}"`,
  orHyphen('%{NOTSPACE:tls.cipher}'),
  orHyphen('%{NOTSPACE:aws.elb.ssl_protocol}'),
);

const CLOUDFRONT_LINE = tabs(
  '(?P<timestamp>%{YEAR}-%{MONTHNUM}-%{MONTHDAY}\\t%{TIME})',
  '%{WORD:aws.cloudfront.x_edge_location}',
  orHyphen('%{INT:destination.bytes:long}'),
  '%{IPORHOST:source.address}',
  '%{WORD:http.request.method}',
  '%{HOSTNAME:url.domain}',
  '%{NOTSPACE:url.path}',
  '(?:000|%{INT:http.response.status_code:int})',
  orHyphen('%{DATA:http.request.referrer}'),
  '%{DATA:user_agent.original}',
  orHyphen('%{DATA:url.query}'),
  orHyphen('%{DATA:aws.cloudfront.http.request.cookie}'),
  '%{WORD:aws.cloudfront.x_edge_result_type}',
  '%{NOTSPACE:aws.cloudfront.x_edge_request_id}',
  '%{HOSTNAME:aws.cloudfront.http.request.host}',
  '%{URIPROTO:network.protocol.name}',
  orHyphen('%{INT:source.bytes:long}'),
  '%{NUMBER:aws.cloudfront.time_taken:float}',
  orHyphen('%{IP:network.forwarded_ip}'),
  orHyphen('%{DATA:aws.cloudfront.ssl_protocol}'),
  orHyphen('%{NOTSPACE:tls.cipher}'),
  '%{WORD:aws.cloudfront.x_edge_response_result_type}',
);

const CLOUDFRONT_NEWER = tabs(
  '',
  orHyphen('HTTP/%{NUMBER:http.version}'),
  orHyphen('%{DATA:aws.cloudfront.fle_status}'),
  orHyphen('%{DATA:aws.cloudfront.fle_encrypted_fields}'),
  '%{INT:source.port:int}',
  '%{NUMBER:aws.cloudfront.time_to_first_byte:float}',
  orHyphen('%{DATA:aws.cloudfront.x_edge_detailed_result_type}'),
  orHyphen('%{NOTSPACE:http.request.mime_type}'),
  orHyphen('%{INT:aws.cloudfront.http.request.size:long}'),
  orHyphen('%{INT:aws.cloudfront.http.request.range.start:long}'),
  orHyphen('%{INT:aws.cloudfront.http.request.range.end:long}'),
);

/** Access logs of S3, of classic load balancers and of CloudFront. */
export const AWS_PATTERNS = {
  S3_REQUEST_LINE: '%{WORD:http.request.method} %{NOTSPACE:url.original}(?: HTTP/%{NUMBER:http.version})?',
  S3_ACCESS_LOG: S3_LINE + maybe(S3_NEWER),

  ELB_URIHOST: '%{IPORHOST:url.domain}(?::%{POSINT:url.port:int})?',
  ELB_URIPATHQUERY: '%{URIPATH:url.path}(?:\\?%{URIQUERY:url.query})?',
  ELB_URIPATHPARAM: '%{ELB_URIPATHQUERY}',
  ELB_URI: '%{URIPROTO:url.scheme}://(?:%{USER:url.username}(?::[^@]*)?@)?(?:%{ELB_URIHOST})?(?:%{ELB_URIPATHQUERY})?',
  ELB_REQUEST_LINE: '%{WORD:http.request.method} %{ELB_URI:url.original}(?: HTTP/%{NUMBER:http.version})?',
  ELB_V1_HTTP_LOG: ELB_LINE + maybe(ELB_NEWER),
  ELB_ACCESS_LOG: '%{ELB_V1_HTTP_LOG}',

  CLOUDFRONT_ACCESS_LOG: CLOUDFRONT_LINE + maybe(CLOUDFRONT_NEWER),
};
