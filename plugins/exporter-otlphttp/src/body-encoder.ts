import type { Encoder, OpenBatch } from '@millrace/api';
import { compressBriefly, type CompressionCodec } from '@millrace/codec';
import { protoToJson } from '@millrace/otlp';
import type { OtlpHttpConfig } from './index.ts';

type BodySettings = Pick<OtlpHttpConfig, 'encoding' | 'compression' | 'compression_params'>;

/** The codec of request bodies; undefined for plain ones. */
export function codecOf({ compression }: Pick<OtlpHttpConfig, 'compression'>): CompressionCodec | undefined {
  return compression === '' || compression === 'none' ? undefined : compression;
}

/** What makes bodies; undefined where they are plain OTLP protobuf. */
export function bodyEncoder(settings: BodySettings): Encoder | undefined {
  const codec = codecOf(settings);
  const { level } = settings.compression_params;
  const json = settings.encoding === 'json';
  if (codec === undefined) return json ? { encode: jsonOf } : undefined;
  const compression = level === 0 ? { codec } : { codec, level };
  return { encode: (batch) => compressBriefly(json ? jsonOf(batch) : batch.toBytes(), compression) };
}

function jsonOf(batch: OpenBatch): Uint8Array {
  return protoToJson(batch.signal, batch.chunks);
}
