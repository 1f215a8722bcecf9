/** A program or system by its name; the first group of the pattern is its version. The first rule that fits counts. */
export interface AgentRule {
  readonly name: string;
  readonly pattern: RegExp;
}

const VERSION = '(\\d+(?:\\.\\d+){0,2})?';

/** A rule for "token/1.2.3". */
function token(name: string, tokens = name.replace(/[.]/g, '\\.'), and = ''): AgentRule {
  return { name, pattern: new RegExp(`(?:${tokens})[/ ]${VERSION}${and}`) };
}

/** Robots and programs first: browsers' tokens are in the names of most. Names as in the list of ua-parser. */
export const AGENTS: readonly AgentRule[] = [
  ...['Googlebot', 'bingbot', 'DuckDuckBot', 'Baiduspider', 'YandexBot', 'Applebot', 'AhrefsBot', 'SemrushBot'].map(
    (name) => token(name),
  ),
  ...['facebookexternalhit', 'Twitterbot', 'GPTBot', 'ClaudeBot', 'Bytespider', 'Slackbot', 'PetalBot'].map((name) =>
    token(name),
  ),
  token('Edge Mobile', 'EdgA|EdgiOS'),
  token('Edge', 'Edg|Edge'),
  { name: 'Opera Mobile', pattern: new RegExp(`Mobile.*OPR/${VERSION}`) },
  token('Opera', 'OPR'),
  token('Samsung Internet', 'SamsungBrowser'),
  token('Yandex Browser', 'YaBrowser'),
  token('Vivaldi'),
  token('Firefox iOS', 'FxiOS'),
  { name: 'Firefox Mobile', pattern: new RegExp(`(?:Mobile|Tablet);.*Firefox/${VERSION}`) },
  token('Firefox'),
  token('Chrome Mobile iOS', 'CriOS'),
  token('HeadlessChrome'),
  { name: 'Chrome Mobile WebView', pattern: new RegExp(`; wv\\).*Chrome/${VERSION}`) },
  token('Chrome Mobile', 'Chrome', '(?:\\.\\d+)? Mobile'),
  token('Chrome'),
  { name: 'Mobile Safari', pattern: new RegExp(`(?:iPhone|iPad|iPod).*Version/${VERSION}.*Safari/`) },
  { name: 'Safari', pattern: new RegExp(`Version/${VERSION}.*Safari/`) },
  { name: 'IE', pattern: new RegExp(`MSIE ${VERSION}`) },
  { name: 'IE', pattern: new RegExp(`Trident/.*rv:${VERSION}`) },
  token('Python Requests', 'python-requests'),
  token('Python-urllib'),
  token('Python aiohttp', 'Python/[\\d.]+ aiohttp'),
  ...['curl', 'Wget', 'Go-http-client', 'okhttp', 'PostmanRuntime', 'Apache-HttpClient', 'axios', 'Java'].map((name) =>
    token(name),
  ),
];

export const SYSTEMS: readonly AgentRule[] = [
  { name: 'Windows Phone', pattern: /Windows Phone (?:OS )?(\d+(?:\.\d+)?)/ },
  { name: 'Android', pattern: new RegExp(`Android[ -]?${VERSION}`) },
  { name: 'iOS', pattern: /(?:iPhone|iPad|iPod).*? OS (\d+(?:_\d+){0,2})/ },
  { name: 'Mac OS X', pattern: /Mac OS X ?(\d+(?:[._]\d+){0,2})?/ },
  { name: 'Chrome OS', pattern: /CrOS \w+ (\d+(?:\.\d+){0,2})/ },
  { name: 'Ubuntu', pattern: /Ubuntu(?:[/ ](\d+(?:\.\d+){0,2}))?/ },
  { name: 'Fedora', pattern: /Fedora(?:[/ ](\d+(?:\.\d+){0,2}))?/ },
  { name: 'Linux', pattern: /Linux()/i },
];

/** Versions of Windows by those of its kernel. */
export const WINDOWS: Readonly<Record<string, string>> = {
  '10.0': '10',
  '6.3': '8.1',
  '6.2': '8',
  '6.1': '7',
  '6.0': 'Vista',
  '5.2': 'XP',
  '5.1': 'XP',
};
