import { type Decoder, DeliveryError, messageOf, permanent, type Signal } from '@millrace/api';
import { CodecError, type CompressionCodec, decompress } from '@millrace/codec';
import { jsonToProto } from '@millrace/otlp';
import type { OtlpReceiverConfig } from './index.ts';
import type { PayloadForm } from './payload-form.ts';

const MIB = 1024 * 1024;
const GRPC_MESSAGE_MIB = 4;
const HTTP_BODY_BYTES = 20 * MIB;

/** Decompresses bodies, within the receiver's limits, and turns JSON into protobuf. */
export class OtlpDecoder implements Decoder {
  readonly #grpcBytesMax: number;
  readonly #httpBytesMax: number;

  constructor({ protocols: { grpc, http } }: OtlpReceiverConfig) {
    this.#grpcBytesMax = (grpc?.max_recv_msg_size_mib || GRPC_MESSAGE_MIB) * MIB;
    this.#httpBytesMax = http?.max_request_body_size || HTTP_BODY_BYTES;
  }

  decode(signal: Signal, body: Uint8Array, form: unknown): Uint8Array {
    const { protocol, json, encoding } = form as PayloadForm;
    const maxBytes = protocol === 'grpc' ? this.#grpcBytesMax : this.#httpBytesMax;
    const plain = encoding === '' ? body : inflate(body, codecOf(encoding, protocol), maxBytes);
    return json ? fromJson(signal, plain) : plain;
  }
}

/** gRPC's "deflate" is the zlib format as well, and its "snappy" the framing format. */
function codecOf(encoding: string, protocol: PayloadForm['protocol']): CompressionCodec {
  return encoding === 'snappy' && protocol === 'grpc' ? 'x-snappy-framed' : (encoding as CompressionCodec);
}

function inflate(body: Uint8Array, codec: CompressionCodec, maxBytes: number): Uint8Array {
  try {
    return decompress(body, { codec, maxBytes });
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw permanent(`cannot decompress the request: ${error.message}`, { code: error.code, cause: error });
  }
}

function fromJson(signal: Signal, body: Uint8Array): Uint8Array {
  try {
    return jsonToProto(signal, body);
  } catch (error) {
    if (error instanceof DeliveryError) throw error;
    throw permanent(`cannot read the request as OTLP/JSON: ${messageOf(error)}`, {
      code: 'INVALID_JSON',
      cause: error,
    });
  }
}
