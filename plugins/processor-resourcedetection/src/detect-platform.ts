import type { Detected } from './detected.ts';
import type { Machine } from './machine.ts';

/** A function of AWS Lambda, by its environment. */
export function detectLambda({ env }: Machine): Detected {
  const name = env['AWS_LAMBDA_FUNCTION_NAME'];
  if (name === undefined || name === '') return {};
  const stream = env['AWS_LAMBDA_LOG_STREAM_NAME'];
  return {
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_lambda',
    'cloud.region': env['AWS_REGION'],
    'faas.name': name,
    'faas.version': env['AWS_LAMBDA_FUNCTION_VERSION'],
    'faas.instance': stream,
    'faas.max_memory': env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    'aws.log.group.names': listOf(env['AWS_LAMBDA_LOG_GROUP_NAME']),
    'aws.log.stream.names': listOf(stream),
  };
}

/** A dyno of Heroku, where its metadata are enabled. */
export function detectHeroku({ env }: Machine): Detected {
  const app = env['HEROKU_APP_ID'];
  return {
    'cloud.provider': app === undefined ? undefined : 'heroku',
    'heroku.app.id': app,
    'heroku.dyno.id': env['HEROKU_DYNO_ID'],
    'heroku.release.creation_timestamp': env['HEROKU_RELEASE_CREATED_AT'],
    'heroku.release.commit': env['HEROKU_SLUG_COMMIT'],
    'service.instance.id': env['HEROKU_DYNO_ID'],
    'service.name': env['HEROKU_APP_NAME'],
    'service.version': env['HEROKU_RELEASE_VERSION'],
  };
}

function listOf(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : [text];
}
