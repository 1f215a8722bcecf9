import type { DeliveryError } from '@millrace/api';
import { GrpcError } from './grpc-status.ts';

/**
 * Whether a client's error is what the server answered. If not (a broken connection, a deadline), nobody knows whether the
 * data arrived.
 */
export function isServerAnswer(error: DeliveryError): boolean {
  return error.code.startsWith('HTTP_') || error.cause instanceof GrpcError;
}
