import { compilePattern } from '@millrace/pattern';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { parseInt64 } from '../../value/convert.ts';
import type { Value, ValueMap } from '../../value/value.ts';

const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"';
const COMMON = `^(\\S+) (\\S+) (\\S+) \\[([^\\]]+)\\] ${QUOTED} (\\S+) (\\S+)`;
const FORMATS: Readonly<Record<string, string>> = { clf: `${COMMON}$`, combined: `${COMMON} ${QUOTED} ${QUOTED}$` };

export const parseClf = defineFunction({
  name: 'ParseCLF',
  kind: 'converter',
  summary:
    'A map of a line of an HTTP access log in the Common Log Format, or with referer and user agent behind it (combined).',
  details:
    '`format` is `clf` (the default) or `combined`. `clf.method`, `clf.request_uri` and `clf.protocol` are there when the request ' +
    'line has all three, `clf.bytes` unless it is `-`. Escapes of Apache and nginx in quoted fields are resolved.',
  params: { target: p.string, format: p.optional(p.literalString) },
  returns: 'map',
  contexts: ['log'],
  examples: [
    {
      code: 'ParseCLF(body)',
      given: { body: '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326' },
      result: new Map<string, Value>([
        ['clf.remote_host', '127.0.0.1'],
        ['clf.rfc931', '-'],
        ['clf.auth_user', 'frank'],
        ['clf.timestamp', '10/Oct/2000:13:55:36 -0700'],
        ['clf.request', 'GET /apache_pb.gif HTTP/1.0'],
        ['clf.method', 'GET'],
        ['clf.request_uri', '/apache_pb.gif'],
        ['clf.protocol', 'HTTP/1.0'],
        ['clf.status', 200n],
        ['clf.bytes', 2326n],
      ]),
    },
    {
      code: 'ParseCLF(body, "combined")["clf.user_agent"]',
      given: { body: '::1 - - [x] "GET /" 304 - "-" "say \\"hi\\" \\xc3\\xa9"' },
      result: 'say "hi" é',
    },
    { code: 'ParseCLF(body)', given: { body: 'text' }, fails: 'the text is not in the format clf' },
    { code: 'ParseCLF(attributes["missing"])', fails: 'expected string but got nil' },
    { code: 'ParseCLF(body, "w3c")', invalid: 'format must be clf or combined, not "w3c"' },
  ],
  make: ({ target, format = 'clf' }) => {
    if (!Object.hasOwn(FORMATS, format)) throw new Error(`format must be clf or combined, not "${format}"`);
    const pattern = compilePattern(FORMATS[format]);
    return (frame) => {
      const match = pattern.exec(target(frame).trim());
      if (match === null) throw new OttlRuntimeError(`the text is not in the format ${format}`);
      return describe(match.groups as readonly string[]);
    };
  },
});

function describe([host, rfc931, user, timestamp, quoted, status, bytes, referer, agent]: readonly string[]): ValueMap {
  const request = unescape(quoted);
  const described = new Map<string, Value>([
    ['clf.remote_host', host],
    ['clf.rfc931', rfc931],
    ['clf.auth_user', user],
    ['clf.timestamp', timestamp],
    ['clf.request', request],
  ]);
  const parts = /^([^ ]*) ([^ ]*) ([^]*)$/.exec(request);
  if (parts !== null) {
    described.set('clf.method', parts[1]);
    described.set('clf.request_uri', parts[2]);
    described.set('clf.protocol', parts[3]);
  }
  described.set('clf.status', wholeNumber(status, 'status'));
  if (bytes !== '-') described.set('clf.bytes', wholeNumber(bytes, 'number of bytes'));
  if (referer !== undefined) described.set('clf.referer', unescape(referer));
  if (agent !== undefined) described.set('clf.user_agent', unescape(agent));
  return described;
}

function wholeNumber(text: string, what: string): bigint {
  const number = parseInt64(text);
  if (number === undefined) throw new OttlRuntimeError(`"${text.slice(0, 20)}" is no ${what}`);
  return number;
}

const LETTERS: Readonly<Record<string, string>> = {
  '\\': '\\',
  '"': '"',
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** Bytes that stand side by side may be one character. What is no escape stays as it is. */
function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/((?:\\x[0-9a-fA-F]{2})+)|\\([^])/g, (escape, bytes: string | undefined, letter: string) =>
    bytes === undefined
      ? (LETTERS[letter] ?? escape)
      : Buffer.from(bytes.replaceAll('\\x', ''), 'hex').toString('utf8'),
  );
}
