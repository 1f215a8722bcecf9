import { ComponentError } from '@millrace/api';
import type { LoadTarget } from '@millrace/load';
import { PluginRegistry } from '../../registry.ts';
import { exporterForAddress, exporterFrom } from '../replay/replay-destination.ts';

export interface TargetOptions {
  readonly to: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The server's certificate is not checked. */
  readonly insecure?: boolean;
  /** `name=value`. */
  readonly header: readonly string[];
}

/** The settings of the OTLP exporter for an address. Throws a ComponentError or a ConfigErrors that says what to do. */
export async function loadTarget(options: TargetOptions): Promise<LoadTarget> {
  const found = Object.entries(exporterForAddress(options.to) ?? {})[0];
  if (found === undefined) {
    throw new ComponentError(`--to ${options.to}: is no address`, {
      code: 'DESTINATION_UNKNOWN',
      remedy: 'write http://host:4318, https://host:4318, grpc://host:4317 or grpcs://host:4317',
    });
  }
  const [type, settings] = found as [string, { readonly tls?: object }];
  const tls = { ...settings.tls, ...tlsOf(options) };
  const exporter = { ...settings, tls, headers: Object.fromEntries(options.header.map(headerOf)) };
  const { config } = await exporterFrom({ [type]: exporter }, type, new PluginRegistry());
  return { protocol: type === 'otlphttp' ? 'http' : 'grpc', config } as LoadTarget;
}

function tlsOf({ ca, cert, key, insecure }: TargetOptions): object {
  return {
    ...(ca === undefined ? {} : { ca_file: ca }),
    ...(cert === undefined ? {} : { cert_file: cert }),
    ...(key === undefined ? {} : { key_file: key }),
    ...(insecure === true ? { insecure_skip_verify: true } : {}),
  };
}

function headerOf(text: string): readonly [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new ComponentError(`--header ${text}: has no value`, {
    code: 'HEADER_INVALID',
    remedy: 'write it as name=value',
  });
}
