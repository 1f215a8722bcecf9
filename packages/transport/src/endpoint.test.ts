import { describe, expect, it } from 'vitest';
import { formatAddress, parseListenEndpoint, parseTarget, shownUrl } from './endpoint.ts';

describe('endpoints to listen on', () => {
  it.each([
    ['localhost:4317', 'tcp', { kind: 'tcp', host: 'localhost', port: 4317 }],
    ['0.0.0.0:0', 'tcp', { kind: 'tcp', host: '0.0.0.0', port: 0 }],
    [':4317', 'tcp', { kind: 'tcp', host: '::', port: 4317 }],
    [':4317', 'tcp4', { kind: 'tcp', host: '0.0.0.0', port: 4317, family: 4 }],
    [':4317', 'tcp6', { kind: 'tcp', host: '::', port: 4317, family: 6 }],
    ['[::]:4317', 'tcp', { kind: 'tcp', host: '::', port: 4317 }],
    ['[::1]:65535', 'tcp', { kind: 'tcp', host: '::1', port: 65_535 }],
    ['unix:/run/x.sock', 'tcp', { kind: 'unix', path: '/run/x.sock' }],
    ['unix:///run/x.sock', 'tcp', { kind: 'unix', path: '/run/x.sock' }],
    ['/run/x.sock', 'unix', { kind: 'unix', path: '/run/x.sock' }],
  ] as const)('%s (%s) is understood', (endpoint, transport, address) => {
    expect(parseListenEndpoint(endpoint, transport)).toEqual(address);
  });

  it.each([
    ['', 'it is empty'],
    ['localhost', 'the port is missing'],
    ['localhost:', '"" is no port number'],
    ['localhost:http', '"http" is no port number'],
    ['localhost:65536', 'port 65536 is above 65535'],
    ['http://localhost:4318', 'it has a scheme'],
    ['::1', 'an IPv6 address needs brackets'],
    ['::1:4317', 'an IPv6 address needs brackets'],
    ['[localhost]:4317', '"localhost" is no IPv6 address'],
    ['unix:', 'the path of the socket is empty'],
    [`unix:/${'x'.repeat(120)}`, 'the path is longer than 107 bytes'],
  ])('%j is refused with its reason', (endpoint, why) => {
    expect(() => parseListenEndpoint(endpoint)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ENDPOINT',
        message: `invalid endpoint "${endpoint}": ${why}`,
        remedy: expect.any(String) as string,
      }),
    );
  });
});

describe('targets of gRPC clients', () => {
  it.each([
    ['collector:4317', 'collector', false],
    ['http://collector:4317', 'collector', false],
    ['https://collector:4317/', 'collector', true],
    ['dns:///collector:4317', 'collector', false],
    ['dns://8.8.8.8/collector:4317', 'collector', false],
    ['dns:collector:4317', 'collector', false],
    ['passthrough:///collector:4317', 'collector', false],
    ['[::1]:4317', '::1', false],
    [':4317', 'localhost', false],
  ])('%s is understood', (endpoint, host, https) => {
    expect(parseTarget(endpoint)).toEqual({ address: { kind: 'tcp', host, port: 4317 }, https });
  });

  it.each([
    ['https://collector:4317/v1/logs', 'a gRPC endpoint has no path'],
    ['collector', 'the port is missing'],
    ['ftp://collector:4317', 'a gRPC endpoint has no path'],
  ])('%s is refused with its reason', (endpoint, why) => {
    expect(() => parseTarget(endpoint)).toThrow(`invalid endpoint "${endpoint}": ${why}`);
  });
});

it.each([
  ['https://me:pw@host/v1/logs', 'https://host/v1/logs'],
  ['https://host/v1?api_key=abc&tenant=7', 'https://host/v1?api_key=[REDACTED]&tenant=[REDACTED]'],
  ['https://host?abcdef', 'https://host?[REDACTED]'],
  ['https://host/?a=b=c?d&e=', 'https://host/?a=[REDACTED]&e='],
  ['https://host/#token=abc', 'https://host/'],
  ['/moved?sig=abc', '/moved?sig=[REDACTED]'],
  ['host:4317', 'host:4317'],
])('%s is shown without its secrets', (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});

it('addresses are shown as they are written', () => {
  for (const text of ['localhost:4317', '[::1]:4317', 'unix:/run/x.sock']) {
    expect(formatAddress(parseListenEndpoint(text))).toBe(text);
  }
});
