import type { ExtensionHost } from '@millrace/api';
import type { HttpAnswer, HttpServerConfig } from '@millrace/transport';
import { extensionsPage, featuresPage, pipelinesPage, servicePage, tracesPage } from './pages.ts';

export interface PagesConfig extends HttpServerConfig {
  readonly expvar: { readonly enabled: boolean };
}

/** The page that leads to the others. */
export const HOME = '/debug/servicez';

/** The pages under the Collector's paths. */
export function pageAnswers({ expvar }: PagesConfig, host: ExtensionHost): ReadonlyMap<string, HttpAnswer> {
  const answers = new Map<string, HttpAnswer>([
    [HOME, html(() => servicePage(host))],
    ['/debug/pipelinez', html(() => pipelinesPage(host))],
    ['/debug/extensionz', html(() => extensionsPage(host))],
    ['/debug/featurez', html(featuresPage)],
    ['/debug/tracez', html(tracesPage)],
  ]);
  if (expvar.enabled) answers.set('/debug/expvarz', answerOf('application/json', variables));
  return answers;
}

/** The command line, which Go shows here, too, is left out: it may hold secrets. */
function variables(): string {
  return JSON.stringify({ memstats: process.memoryUsage(), resource_usage: process.resourceUsage() });
}

function html(make: () => string): HttpAnswer {
  return answerOf('text/html; charset=utf-8', make);
}

function answerOf(type: string, make: () => string): HttpAnswer {
  return () => ({ status: 200, headers: { 'content-type': type }, body: make() });
}
