import { type Static, Type } from '@millrace/api';

const texts = (description: string) => Type.Array(Type.String(), { default: [], description });

export const rateLimitSettings = Type.Object({
  key: Type.Object(
    {
      resource_attributes: texts('Attributes of the resource.'),
      attributes: texts('Attributes of the log record, span or data point.'),
      expressions: texts(
        'OTTL values, as in log.severity_number or Concat([resource.attributes["a"], span.name], "/").',
      ),
      metadata: texts("Names of the sender's metadata. Needs include_metadata on the receiver."),
      client_address: Type.Boolean({ default: false, description: "The sender's address." }),
    },
    { description: 'What has a limit of its own: each combination of these values. Empty: everything together.' },
  ),
  limit: Type.Number({ exclusiveMinimum: 0, description: 'What passes in a second, for each key.' }),
  unit: Type.Enum(['items', 'bytes'], {
    default: 'items',
    description: 'What is counted: log records, spans and data points, or their bytes in protobuf.',
  }),
  burst: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      description: 'What may pass at once after a pause. Default: the limit of one second, at least 1.',
    }),
  ),
  max_keys: Type.Integer({
    default: 10_000,
    minimum: 1,
    description: 'Keys that are told apart. Further ones share one limit until an earlier one has been idle.',
  }),
  excess: Type.Enum(['drop', 'refuse', 'sample', 'tag'], {
    default: 'drop',
    description:
      'What becomes of the rest: it is dropped; the whole request is refused, to be sent again; a share is kept; or all is kept, marked.',
  }),
  sample: Type.Object(
    {
      ratio: Type.Number({
        default: 0.1,
        exclusiveMinimum: 0,
        maximum: 1,
        description: 'Share of the rest that is kept.',
      }),
      attribute: Type.String({
        default: 'rate_limit.adjusted_count',
        minLength: 1,
        description: 'Attribute of kept items that says for how many each stands; others stand for one.',
      }),
    },
    { description: 'For excess: sample.' },
  ),
  tag: Type.Object(
    {
      attribute: Type.String({
        default: 'rate_limit.exceeded',
        minLength: 1,
        description: 'Attribute that is set to true, as for the routing connector.',
      }),
    },
    { description: 'For excess: tag.' },
  ),
});

export type RateLimitSettings = Static<typeof rateLimitSettings>;
