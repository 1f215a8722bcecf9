import { checkConformance } from '../index.ts';

/** Checks the module that the parent names, where no test runner listens for what escapes. */
process.once('message', (module: string) => {
  void checkConformance(new URL(module)).then((verdicts) => {
    const broken = verdicts.flatMap(({ rule, violations }) => violations.map(({ seen }) => ({ rule: rule.id, seen })));
    process.send?.({ broken, listeners: process.listenerCount('unhandledRejection') });
    process.disconnect();
  });
});
