import { type Logger, messageOf } from '@millrace/api';
import { pluginBehind } from '@millrace/workers';

/**
 * An error that a component lets escape (from a timer, or a promise that nobody waits for) is reported with the plugin that
 * it comes from, where its stack tells. It does not end the others' work, not even after the component was shut down.
 */
export function surviveStrayErrors(logger: Logger): void {
  const report = (error: unknown) => {
    const behind = pluginBehind(error);
    logger.error('an error escaped from a component', {
      reason: messageOf(error),
      ...behind,
      ...(behind === undefined && error instanceof Error ? { stack: error.stack } : {}),
      remedy:
        behind === undefined
          ? 'look for the component in the stack'
          : 'await every promise and catch what callbacks throw; end both in shutdown()',
    });
  };
  process.on('uncaughtException', report);
  process.on('unhandledRejection', report);
}
