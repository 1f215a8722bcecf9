import type { ReceiverHost, Signal } from '@millrace/api';
import { encodeResponse, GRPC_METHODS } from '@millrace/otlp';
import type { GrpcMethod } from '@millrace/transport';
import { contextOf } from './client-context.ts';
import { partialSuccess } from './partial-success.ts';
import type { PayloadForm } from './payload-form.ts';

/** The Export methods of the signals that some pipeline takes. */
export function grpcMethods(host: ReceiverHost): ReadonlyMap<string, GrpcMethod> {
  return new Map([...host.signals].map((signal) => [GRPC_METHODS[signal], exportMethod(signal, host)]));
}

function exportMethod(signal: Signal, host: ReceiverHost): GrpcMethod {
  return {
    admit: (_head, expectedBytes) => host.admit(signal, expectedBytes),
    async handle(head, body) {
      const form: PayloadForm = { protocol: 'grpc', json: false, encoding: head.encoding };
      try {
        await host.consume(signal, { body, form, transport: 'grpc', context: contextOf(head) });
        return encodeResponse();
      } catch (error) {
        const partial = partialSuccess(error);
        if (partial !== undefined) return encodeResponse(partial);
        throw error;
      }
    },
  };
}
