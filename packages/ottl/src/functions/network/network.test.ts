import { expect, test } from 'vitest';
import { evaluate } from '../../testing/evaluate.ts';
import type { ValueMap } from '../../value/value.ts';

/* What the Collector (pkg/ottl 0.150) gives for the same. */
test.each<[code: string, result: unknown]>([
  ['IsInCIDR("192.168.1.5", ["192.168.0.0/16"])', true],
  ['IsInCIDR("10.0.0.1", ["192.168.0.0/16", "10.0.0.0/8"])', true],
  ['IsInCIDR("::1", ["::/64"])', true],
  ['IsInCIDR("::ffff:10.0.0.1", ["10.0.0.0/8"])', true],
  ['IsInCIDR("bogus", ["10.0.0.0/8"])', false],
  ['IsInCIDR("10.0.0.1", [])', false],
  ['IsInCIDR("fe80::1%eth0", ["fe80::/10"])', false],
  ['IsInCIDR("10.0.0.01", ["10.0.0.0/8"])', false],
  ['CommunityID("192.168.1.1", 54321, "10.0.0.1", 90, "UDP", 2)', '1:sAf4Y22Cz0Pq28qyrJYFQGhlvp4='],
  ['CommunityID("10.1.1.1", 1, "10.1.1.2", 2)', '1:AhubVeXRrhiiUxpvAlGoW9pGDyg='],
  ['CommunityID("10.1.1.1", 8, "10.1.1.2", 0, "ICMP")', '1:h7QbrWLjZWwr8Sb6FWTzBr6w97Y='],
  ['CommunityID("10.1.1.2", 0, "10.1.1.1", 8, "ICMP")', '1:h7QbrWLjZWwr8Sb6FWTzBr6w97Y='],
  ['CommunityID("::1", 1, "::2", 2, "SCTP", 1)', '1:bFGkJcof7XbHiRpmOW/5yKAFj30='],
  ['CommunityID("::ffff:10.1.1.1", 1, "10.1.1.2", 2)', '1:AhubVeXRrhiiUxpvAlGoW9pGDyg='],
  ['CommunityID("128.232.110.120", 34855, "66.35.250.204", 80)', '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  ['CommunityID("66.35.250.204", 80, "128.232.110.120", 34855)', '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  ['CommunityID("fe80::1", 134, "ff02::1", 0, "ICMP6")', '1:ZAhV741uEcLYVt72WYuZfMyjORo='],
])('%s is %o', (code, result) => {
  expect(evaluate(code)).toBe(result);
});

test.each([
  'IsInCIDR("10.0.0.1", ["10.0.0.0"])',
  'IsInCIDR(1, ["10.0.0.0/8"])',
  'IsInCIDR(attributes["missing"], ["10.0.0.0/8"])',
  'IsInCIDR("10.0.0.1", [attributes["str"]])',
  'CommunityID("10.1.1.1", 70000, "10.1.1.2", 2)',
  'CommunityID("10.1.1.1", 1, "10.1.1.2", 2, "tcp")',
  'CommunityID("10.1.1.1", 1, "10.1.1.2", 2, "FOO")',
  'CommunityID("x", 1, "10.1.1.2", 2)',
  'CommunityID("10.1.1.1", 1, "10.1.1.2", 2, "TCP", 70000)',
  'CommunityID("10.1.1.1", -1, "10.1.1.2", 2)',
  'CommunityID("10.1.1.1", "1", "10.1.1.2", 2)',
])('%s fails', (code) => {
  expect(() => evaluate(code)).toThrow(expect.objectContaining({ name: expect.stringMatching(/^Ottl/) as string }));
});

test.each<[code: string, parts: Readonly<Record<string, string>>]>([
  ['URL("http://www.example.com")', { 'url.domain': 'www.example.com', 'url.path': '', 'url.scheme': 'http' }],
  [
    'URL("http://myusername:mypassword@www.example.com:80/foo.gif?key1=val1&key2=val2#fragment")',
    {
      'url.domain': 'www.example.com',
      'url.extension': 'gif',
      'url.fragment': 'fragment',
      'url.password': 'mypassword',
      'url.path': '/foo.gif',
      'url.port': '80',
      'url.query': 'key1=val1&key2=val2',
      'url.scheme': 'http',
      'url.user_info': 'myusername:mypassword',
      'url.username': 'myusername',
    },
  ],
  [
    'URL("http://[::1]:8080/a%20b/c.tar.gz?")',
    {
      'url.domain': '::1',
      'url.extension': 'gz',
      'url.path': '/a b/c.tar.gz',
      'url.port': '8080',
      'url.scheme': 'http',
    },
  ],
  [
    'URL("/relative/path.txt")',
    { 'url.domain': '', 'url.extension': 'txt', 'url.path': '/relative/path.txt', 'url.scheme': '' },
  ],
  ['URL("mailto:a@b.c")', { 'url.domain': '', 'url.path': '', 'url.scheme': 'mailto' }],
  [
    'URL("http://u@h/")',
    { 'url.domain': 'h', 'url.path': '/', 'url.scheme': 'http', 'url.user_info': 'u', 'url.username': 'u' },
  ],
  [
    'URL("http://u:@h/")',
    {
      'url.domain': 'h',
      'url.password': '',
      'url.path': '/',
      'url.scheme': 'http',
      'url.user_info': 'u:',
      'url.username': 'u',
    },
  ],
  ['URL("http://h/a.b/c")', { 'url.domain': 'h', 'url.extension': 'b/c', 'url.path': '/a.b/c', 'url.scheme': 'http' }],
  ['URL("http://h/.")', { 'url.domain': 'h', 'url.path': '/.', 'url.scheme': 'http' }],
  ['URL("http://h/x.")', { 'url.domain': 'h', 'url.path': '/x.', 'url.scheme': 'http' }],
  [
    'URL("http://h?x=%zz#a%20b")',
    { 'url.domain': 'h', 'url.fragment': 'a b', 'url.path': '', 'url.query': 'x=%zz', 'url.scheme': 'http' },
  ],
  [
    'URL("http://us%20er:p%40w@h/")',
    {
      'url.domain': 'h',
      'url.password': 'p@w',
      'url.path': '/',
      'url.scheme': 'http',
      'url.user_info': 'us%20er:p%40w',
      'url.username': 'us er',
    },
  ],
  ['URL("//h/p")', { 'url.domain': 'h', 'url.path': '/p', 'url.scheme': '' }],
  ['URL("a.b")', { 'url.domain': '', 'url.extension': 'b', 'url.path': 'a.b', 'url.scheme': '' }],
  ['URL("http://h:/x")', { 'url.domain': 'h', 'url.path': '/x', 'url.scheme': 'http' }],
])('%s has the parts that Go finds', (code, parts) => {
  const found = new Map(evaluate(code) as ValueMap);
  found.delete('url.original');
  expect(
    Object.fromEntries([...found].map(([name, value]) => [name, typeof value === 'bigint' ? `${value}` : value])),
  ).toEqual(parts);
});

test.each([
  'URL("://x")',
  'URL("http://a b/")',
  'URL("http://host:port/")',
  'URL("")',
  'URL("HTTP://H/%zz")',
  'URL(1)',
])('%s fails', (code) => {
  expect(() => evaluate(code)).toThrow(expect.objectContaining({ name: expect.stringMatching(/^Ottl/) as string }));
});

/* As ua-parser names them. */
test.each([
  ['curl/7.81.0', 'curl', '7.81.0', 'Other', ''],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0', 'Firefox', '126.0', 'Linux', ''],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.124 Safari/537.36 Edg/91.0.864.59',
    'Edge',
    '91.0.864',
    'Windows',
    '10',
  ],
  ['', 'Other', '', 'Other', ''],
  ['xyz', 'Other', '', 'Other', ''],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
    'Chrome',
    '120.0.0',
    'Windows',
    '10',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15',
    'Safari',
    '17.1',
    'Mac OS X',
    '10.15.7',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1.2 Mobile/15E148 Safari/604.1',
    'Mobile Safari',
    '17.1.2',
    'iOS',
    '17.1.2',
  ],
  [
    'Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.5615.48 Mobile Safari/537.36',
    'Chrome Mobile',
    '112.0.5615',
    'Android',
    '13',
  ],
  ['Mozilla/5.0 (Android 13; Mobile; rv:109.0) Gecko/113.0 Firefox/113.0', 'Firefox Mobile', '113.0', 'Android', '13'],
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Googlebot', '2.1', 'Other', ''],
  ['Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)', 'bingbot', '2.0', 'Other', ''],
  ['Go-http-client/1.1', 'Go-http-client', '1.1', 'Other', ''],
  ['Wget/1.21.2', 'Wget', '1.21.2', 'Other', ''],
  ['okhttp/4.9.3', 'okhttp', '4.9.3', 'Other', ''],
  ['PostmanRuntime/7.35.0', 'PostmanRuntime', '7.35.0', 'Other', ''],
  ['Apache-HttpClient/4.5.13 (Java/11.0.20)', 'Apache-HttpClient', '4.5.13', 'Other', ''],
  ['Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko', 'IE', '11.0', 'Windows', '10'],
  ['Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)', 'IE', '8.0', 'Windows', '7'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36 OPR/105.0.0.0',
    'Opera',
    '105.0.0',
    'Windows',
    '10',
  ],
  [
    'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36',
    'Chrome',
    '119.0.0',
    'Chrome OS',
    '14541.0.0',
  ],
  [
    'Mozilla/5.0 (Linux; Android 12; SAMSUNG SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/19.0 Chrome/102.0.5005.125 Mobile Safari/537.36',
    'Samsung Internet',
    '19.0',
    'Android',
    '12',
  ],
  ['Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0', 'Firefox', '120.0', 'Ubuntu', ''],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/119.0.6045.109 Mobile/15E148 Safari/604.1',
    'Chrome Mobile iOS',
    '119.0.6045',
    'iOS',
    '16.6',
  ],
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/119.0.0.0 Safari/537.36',
    'HeadlessChrome',
    '119.0.0',
    'Linux',
    '',
  ],
  ['Java/17.0.1', 'Java', '17.0.1', 'Other', ''],
  ['Python-urllib/3.10', 'Python-urllib', '3.10', 'Other', ''],
  ['axios/1.6.0', 'axios', '1.6.0', 'Other', ''],
  ['kube-probe/1.27', 'Other', '', 'Other', ''],
  ['Prometheus/2.45.0', 'Other', '', 'Other', ''],
])('%s is %s %s on %s %s', (agent, name, version, system, systemVersion) => {
  const found = evaluate(`UserAgent("${agent}")`) as ValueMap;
  expect([found.get('user_agent.name'), found.get('user_agent.version')]).toEqual([name, version]);
  expect([found.get('os.name'), found.get('os.version') ?? '']).toEqual([system, systemVersion]);
});
