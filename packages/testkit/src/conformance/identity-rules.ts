import { API_VERSION, type Definition, type Signal, SIGNALS } from '@millrace/api';
import { always, type Rule, type Violation } from './rule.ts';
import type { Subject } from './subject.ts';

/** The Collector's rule for the type part of an id. */
const TYPE = /^[a-zA-Z][0-9a-zA-Z_]{0,62}$/;
const STABILITIES = ['development', 'alpha', 'beta', 'stable', 'deprecated'];

/** What a definition says of itself. */
export const IDENTITY_RULES: readonly Rule[] = [
  {
    id: 'config/identity',
    says: 'a definition has a well-formed type, aliases of its own, a summary of one sentence and the API version',
    appliesTo: always,
    check: ({ definition }: Subject) =>
      Promise.resolve([...names(definition), ...words(definition), ...shape(definition)]),
  },
];

function* names({ type, aliases = [] }: Definition): Iterable<Violation> {
  for (const name of [type, ...aliases]) {
    if (TYPE.test(name)) continue;
    yield { seen: `the type "${name}"`, remedy: 'use letters, digits and _, at most 63, beginning with a letter' };
  }
  if (new Set([type, ...aliases]).size <= aliases.length) {
    yield { seen: `the names ${[type, ...aliases].join(', ')}`, remedy: 'say each name once' };
  }
}

function* words({ summary, stability, api }: Definition): Iterable<Violation> {
  if (!/^[A-Z0-9].{7,}[^.]\.$/u.test(summary) || /[.!?] [A-Z]/.test(summary)) {
    yield {
      seen: `the summary ${JSON.stringify(summary)}`,
      remedy: 'write one sentence on one line that says what the component does, with a capital and a full stop',
    };
  }
  if (!STABILITIES.includes(stability)) {
    yield { seen: `the stability "${stability}"`, remedy: `use one of ${STABILITIES.join(', ')}` };
  }
  if (api !== API_VERSION) {
    yield { seen: `the API version ${api}`, remedy: 'make the definition with define…() of @millrace/api' };
  }
}

/** Halves of which a definition has exactly one. */
const CHOICES = { processor: ['create', 'stateful', 'gate'], connector: ['create', 'stateful'] } as const;

function* shape(definition: Definition): Iterable<Violation> {
  const choice = CHOICES[definition.kind as keyof typeof CHOICES] ?? [];
  const halves = choice.filter((key) => (Reflect.get(definition, key) as unknown) !== undefined);
  if (choice.length > 0 && halves.length !== 1) {
    const seen = halves.length === 0 ? 'a component that does nothing' : `a component with ${halves.join(' and ')}`;
    yield { seen, remedy: `give it exactly one of ${choice.join(', ')}` };
  }
  for (const signals of claims(definition)) {
    const fine = signals.length > 0 && new Set(signals).size === signals.length;
    if (fine && signals.every((signal) => SIGNALS.includes(signal))) continue;
    yield { seen: `the signals [${signals.join(', ')}]`, remedy: `name some of ${SIGNALS.join(', ')}, each once` };
  }
}

function claims(definition: Definition): readonly (readonly Signal[])[] {
  if (definition.kind === 'receiver' || definition.kind === 'exporter') return [definition.signals];
  if (definition.kind === 'connector') return [[...new Set(definition.routes.map(({ from }) => from))]];
  if (definition.kind !== 'processor') return [];
  return [definition.stateful, definition.gate].flatMap((half) => (half === undefined ? [] : [half.signals]));
}
