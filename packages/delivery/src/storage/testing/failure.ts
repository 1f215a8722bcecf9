import type { ComponentError, DeliveryError } from '@millrace/api';

/** What a promise is rejected with; throws when it is not. */
export async function failure(promise: Promise<unknown>): Promise<ComponentError & DeliveryError> {
  return promise.then(
    () => {
      throw new Error('it should have failed');
    },
    (error: unknown) => error as ComponentError & DeliveryError,
  );
}
