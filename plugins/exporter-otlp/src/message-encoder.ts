import type { Encoder } from '@millrace/api';
import { compressBriefly, type CompressionCodec } from '@millrace/codec';
import type { OtlpGrpcConfig } from './index.ts';

type Compression = OtlpGrpcConfig['compression'];

/** Name of the message encoding on the wire; empty for plain messages. */
export function encodingOf(compression: Compression): string {
  return compression === 'none' ? '' : compression;
}

/** What compresses messages; undefined where they stay plain. */
export function messageEncoder({ compression }: Pick<OtlpGrpcConfig, 'compression'>): Encoder | undefined {
  const codec = codecOf(compression);
  return codec === undefined ? undefined : { encode: (batch) => compressBriefly(batch.toBytes(), { codec }) };
}

/** gRPC's "snappy" is the framing format. */
function codecOf(compression: Compression): CompressionCodec | undefined {
  if (compression === 'none' || compression === '') return undefined;
  return compression === 'snappy' ? 'x-snappy-framed' : compression;
}
