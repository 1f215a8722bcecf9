import { defineFunction } from '../../function/define-function.ts';
import { derived } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { isInNetwork, parseIp, parseNetwork } from './ip-address.ts';

export const isInCidr = defineFunction({
  name: 'IsInCIDR',
  kind: 'converter',
  summary: 'Whether an IP address lies in one of the networks, given in CIDR notation. False for what is no address.',
  params: { target: p.string, networks: p.list(p.string) },
  returns: 'bool',
  examples: [
    { code: 'IsInCIDR("192.168.1.5", ["192.168.0.0/16"])', result: true },
    { code: 'IsInCIDR("10.0.0.1", ["192.168.0.0/16", "11.0.0.0/8"])', result: false },
    { code: 'IsInCIDR("::1", ["::/64"])', result: true },
    { code: 'IsInCIDR("::ffff:10.0.0.1", ["10.0.0.0/8"])', result: true },
    { code: 'IsInCIDR("bogus", ["10.0.0.0/8"])', result: false },
    { code: 'IsInCIDR("10.0.0.1", ["10.0.0.0"])', invalid: '"10.0.0.0" is no network' },
    { code: 'IsInCIDR(attributes["missing"], ["10.0.0.0/8"])', fails: 'expected string but got nil' },
  ],
  make: ({ target, networks }) => {
    const networksOf = networks.map((network) =>
      derived(network, (text) => {
        const parsed = parseNetwork(text);
        if (parsed !== undefined) return parsed;
        throw new OttlRuntimeError(`${JSON.stringify(text)} is no network: write it like "10.0.0.0/8"`);
      }),
    );
    return (frame) => {
      const ip = parseIp(target(frame));
      if (ip === undefined) return false;
      for (const networkOf of networksOf) if (isInNetwork(ip, networkOf(frame))) return true;
      return false;
    };
  },
});
