import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import type { Value, ValueMap } from '../../value/value.ts';
import { parseUrl, unescape } from './parse-url.ts';

export const url = defineFunction({
  name: 'URL',
  kind: 'converter',
  summary: 'A map of the parts of a URL, under the names of the semantic conventions.',
  details:
    '`url.original`, `url.scheme`, `url.domain` and `url.path` are always there; `url.port` (an int64), `url.query`, ' +
    '`url.fragment`, `url.extension`, `url.user_info`, `url.username` and `url.password` when the URL has them.',
  deviation:
    '`url.original` is the text as it was given. The Collector writes the parsed URL anew: the scheme in lowercase, a space as %20.',
  params: { uRI: p.string },
  returns: 'map',
  examples: [
    {
      code: 'URL("http://www.example.com")',
      result: new Map([
        ['url.original', 'http://www.example.com'],
        ['url.scheme', 'http'],
        ['url.domain', 'www.example.com'],
        ['url.path', ''],
      ]),
    },
    {
      code: 'URL(body)',
      given: { body: 'http://myusername:mypassword@www.example.com:80/foo.gif?key1=val1&key2=val2#fragment' },
      result: new Map<string, Value>([
        ['url.original', 'http://myusername:mypassword@www.example.com:80/foo.gif?key1=val1&key2=val2#fragment'],
        ['url.scheme', 'http'],
        ['url.domain', 'www.example.com'],
        ['url.path', '/foo.gif'],
        ['url.port', 80n],
        ['url.query', 'key1=val1&key2=val2'],
        ['url.fragment', 'fragment'],
        ['url.extension', 'gif'],
        ['url.user_info', 'myusername:mypassword'],
        ['url.username', 'myusername'],
        ['url.password', 'mypassword'],
      ]),
    },
    { code: 'URL("http://host:port/")', fails: 'is no host with a port' },
    { code: 'URL("")', fails: 'an empty string is no URL' },
    { code: 'URL(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ uRI }) =>
    (frame) =>
      describe(uRI(frame)),
});

function describe(original: string): ValueMap {
  const { scheme, domain, port, path, query, fragment, userInfo } = parseUrl(original);
  const described = new Map<string, Value>([
    ['url.original', original],
    ['url.scheme', scheme],
    ['url.domain', domain],
    ['url.path', path],
  ]);
  if (port !== '') described.set('url.port', BigInt(port));
  if (query !== '') described.set('url.query', query);
  if (fragment !== '') described.set('url.fragment', fragment);
  const extension = path.includes('.') ? path.slice(path.lastIndexOf('.') + 1) : '';
  if (extension !== '') described.set('url.extension', extension);
  if (userInfo === undefined) return described;
  const colon = userInfo.indexOf(':');
  described.set('url.user_info', userInfo);
  described.set('url.username', unescape(original, colon < 0 ? userInfo : userInfo.slice(0, colon)));
  if (colon >= 0) described.set('url.password', unescape(original, userInfo.slice(colon + 1)));
  return described;
}
