import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import type { ValueMap } from '../../value/value.ts';
import { AGENTS, SYSTEMS, WINDOWS, type AgentRule } from './user-agent-rules.ts';

const WITHOUT_SYSTEM = 'Other';
/** Longer ones are cut off before the rules are tried. */
const AGENT_LENGTH_MAX = 1024;

export const userAgent = defineFunction({
  name: 'UserAgent',
  kind: 'converter',
  summary: 'A map of what a User-Agent header says: browser or program, its version, and the operating system.',
  details:
    '`user_agent.name`, `user_agent.version`, `user_agent.original` and `os.name` are always there, `os.version` when it is ' +
    'known. What is not recognized is named Other.',
  deviation:
    'Knows the common browsers, robots and programs by rules of its own; the list of ua-parser, which the Collector uses, has ' +
    'thousands more.',
  params: { userAgent: p.string },
  returns: 'map',
  examples: [
    { code: 'UserAgent("curl/7.81.0")', result: described('curl', '7.81.0', 'curl/7.81.0', 'Other') },
    {
      code: 'UserAgent(body)["user_agent.name"]',
      given: { body: 'Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0' },
      result: 'Firefox',
    },
    { code: 'UserAgent("")', result: described('Other', '', '', 'Other') },
    { code: 'UserAgent(1)', invalid: 'expected string but got int64' },
    { code: 'UserAgent(attributes["missing"])', fails: 'expected string but got nil' },
  ],
  make:
    ({ userAgent }) =>
    (frame) => {
      const original = userAgent(frame);
      const agent = original.slice(0, AGENT_LENGTH_MAX);
      const program = find(AGENTS, agent);
      const system = windows(agent) ?? find(SYSTEMS, agent);
      return described(program.name, program.version, original, system.name, system.version);
    },
});

function described(name: string, version: string, original: string, system: string, systemVersion = ''): ValueMap {
  const map = new Map([
    ['user_agent.name', name],
    ['user_agent.version', version],
    ['user_agent.original', original],
    ['os.name', system],
  ]);
  if (systemVersion !== '') map.set('os.version', systemVersion);
  return map;
}

interface Found {
  readonly name: string;
  readonly version: string;
}

function find(rules: readonly AgentRule[], agent: string): Found {
  for (const { name, pattern } of rules) {
    const match = pattern.exec(agent);
    if (match !== null) return { name, version: (match[1] ?? '').replaceAll('_', '.') };
  }
  return { name: WITHOUT_SYSTEM, version: '' };
}

function windows(agent: string): Found | undefined {
  const match = /Windows NT (\d+\.\d+)/.exec(agent);
  return match === null ? undefined : { name: 'Windows', version: WINDOWS[match[1]] ?? '' };
}
