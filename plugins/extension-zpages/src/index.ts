import { defineExtension, Type } from '@millrace/api';
import { checkHttpServer, ExtensionServer, httpServerSettings } from '@millrace/transport';
import { HOME, pageAnswers } from './page-answers.ts';

/** Shows people, in a browser, what the running collector consists of and how its components are. */
export default defineExtension({
  type: 'zpages',
  summary: 'Serves pages about the running collector: its pipelines, components and their states.',
  stability: 'beta',
  config: Type.Object({
    ...httpServerSettings({ endpoint: 'localhost:55679' }),
    expvar: Type.Object(
      {
        enabled: Type.Boolean({
          default: false,
          description: 'Whether `/debug/expvarz` shows the use of memory as JSON.',
        }),
      },
      { description: 'Variables of the process.' },
    ),
  }),
  examples: [
    { title: 'Defaults: localhost:55679', yaml: 'zpages:' },
    { title: 'With variables of the process', yaml: 'zpages/expvar: { expvar: { enabled: true } }' },
  ],
  check: (config) => checkHttpServer(config),
  create: (config, host) => new ExtensionServer({ config, host, answers: pageAnswers(config, host), home: HOME }),
});
