import { OttlRuntimeError } from '../../ottl-error.ts';

/** What a URL is made of, with percent-encoding removed where Go removes it. */
export interface UrlParts {
  scheme: string;
  domain: string;
  port: string;
  path: string;
  query: string;
  fragment: string;
  /** As it was written; undefined when there is none. */
  userInfo: string | undefined;
}

/** Takes a URL to pieces as Go's net/url does, which knows less of single schemes than browsers do. Throws OttlRuntimeError. */
export function parseUrl(url: string): UrlParts {
  if (url === '') throw new OttlRuntimeError('an empty string is no URL');
  // oxlint-disable-next-line no-control-regex -- They are what is looked for.
  if (/[\x00-\x1f\x7f]/.test(url)) fail(url, 'it has control characters');
  const [withoutFragment, fragment] = cut(url, '#');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(withoutFragment)?.[1] ?? '';
  if (withoutFragment.startsWith(':')) fail(url, 'it has no scheme');
  const [hierarchy, query] = cut(withoutFragment.slice(scheme === '' ? 0 : scheme.length + 1), '?');
  const parts: UrlParts = {
    scheme: scheme.toLowerCase(),
    domain: '',
    port: '',
    path: '',
    query,
    fragment: unescape(url, fragment),
    userInfo: undefined,
  };
  if (!hierarchy.startsWith('/')) {
    if (scheme !== '') return parts;
    if (cut(hierarchy, '/')[0].includes(':')) fail(url, 'its first segment has a colon');
  }
  const hasAuthority = hierarchy.startsWith('//') && (scheme !== '' || !hierarchy.startsWith('///'));
  const [authority] = hasAuthority ? cut(hierarchy.slice(2), '/') : [''];
  if (hasAuthority) readAuthority(url, authority, parts);
  parts.path = unescape(url, hasAuthority ? hierarchy.slice(2 + authority.length) : hierarchy);
  return parts;
}

/** Removes percent-encoding. */
export function unescape(url: string, text: string): string {
  if (!text.includes('%')) return text;
  const broken = /%(?![0-9a-fA-F]{2})[^]{0,2}/.exec(text);
  if (broken !== null) fail(url, `${JSON.stringify(broken[0])} is no percent-encoding`);
  const latin1 = Buffer.from(text).toString('latin1');
  const bytes = latin1.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

function readAuthority(url: string, authority: string, parts: UrlParts): void {
  const at = authority.lastIndexOf('@');
  if (at >= 0) parts.userInfo = authority.slice(0, at);
  if (parts.userInfo !== undefined && !/^[\w.:~!$&'()*+,;=%@-]*$/.test(parts.userInfo))
    fail(url, 'its user info is invalid');
  const host = authority.slice(at + 1);
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*))?$/.exec(host);
  if (match === null) return fail(url, `${JSON.stringify(host)} is no host with a port`);
  if (/[ \\^`{|}]/.test(match[1])) fail(url, `${JSON.stringify(host)} is no host`);
  parts.domain = unescape(url, match[1].replace(/^\[|\]$/g, ''));
  parts.port = match[2] ?? '';
}

/** What is before and behind the first separator. */
function cut(text: string, separator: string): readonly [before: string, behind: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function fail(url: string, reason: string): never {
  throw new OttlRuntimeError(`cannot parse the URL ${JSON.stringify(url.slice(0, 100))}: ${reason}`);
}
