import { jsonToProto, LogsBatch, protoToJson } from '@millrace/otlp';
import { FakeStepTools } from '@millrace/testkit';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import definition from './index.ts';
import { attributes } from './testing/transform.ts';

type Attributes = Record<string, string | null>;
type Scope = 'log' | 'resource';

/** `set(scope[key], from or value)`, `delete_key` or `keep_keys`, where an attribute of the record has a value, or always. */
interface Step {
  readonly what: 'set' | 'copy' | 'delete' | 'keep';
  readonly target: Scope;
  readonly source: Scope;
  readonly key: string;
  readonly other: string;
  readonly value: string;
  readonly where: { readonly scope: Scope; readonly key: string; readonly value: string } | null;
}

interface Group {
  readonly steps: readonly Step[];
  readonly condition: Step['where'];
}

const key = fc.constantFrom('a', 'b', 'c');
const value = fc.constantFrom('', 'x', 'y', 'long enough to need more bytes than before');
// Mostly the record's own attributes, so that neighbouring groups often share a walk, and often do not.
const target = fc.oneof({ arbitrary: fc.constant<Scope>('log'), weight: 4 }, fc.constant<Scope>('resource'));
const where = fc.option(fc.record({ scope: target, key, value }));
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('set', 'copy', 'delete', 'keep'),
  target,
  source: fc.constantFrom('log', 'resource'),
  key,
  other: key,
  value,
  where,
});
const group = fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 3 }), condition: where });
const values = fc.dictionary(key, value, { noNullPrototype: true });
const batch = fc.record({ resource: values, records: fc.array(values, { minLength: 1, maxLength: 4 }) });

const path = (scope: Scope, name: string) => `${scope}.attributes["${name}"]`;

function statementOf({ what, target: scope, source, key: name, other, value: constant, where: test }: Step): string {
  const editors = {
    set: `set(${path(scope, name)}, "${constant}")`,
    copy: `set(${path(scope, name)}, ${path(source, other)})`,
    delete: `delete_key(${scope}.attributes, "${name}")`,
    keep: `keep_keys(${scope}.attributes, ["${name}", "${other}"])`,
  };
  return test === null ? editors[what] : `${editors[what]} where ${conditionOf(test)}`;
}

function conditionOf(test: NonNullable<Step['where']>): string {
  return `${path(test.scope, test.key)} == "${test.value}"`;
}

/** The same on plain objects, group by group, as one would write it without wire views. */
function applied(resource: Attributes, records: readonly Attributes[], groups: readonly Group[]): void {
  for (const { steps, condition } of groups)
    for (const log of records) {
      const scopes = { log, resource };
      const isTrue = (test: Step['where']) => test === null || scopes[test.scope][test.key] === test.value;
      if (!isTrue(condition)) continue;
      for (const each of steps) {
        const changed = scopes[each.target];
        if (!isTrue(each.where)) continue;
        if (each.what === 'set') changed[each.key] = each.value;
        else if (each.what === 'delete') delete changed[each.key];
        else if (each.what === 'copy') changed[each.key] = scopes[each.source][each.other] ?? null;
        else for (const name of Object.keys(changed)) if (![each.key, each.other].includes(name)) delete changed[name];
      }
    }
}

function requestOf(resource: Attributes, records: readonly Attributes[]): object {
  const logRecords = records.map((each) => ({ severityNumber: 9, attributes: attributes(each) }));
  return {
    resourceLogs: [
      { resource: { attributes: attributes(resource) }, scopeLogs: [{ scope: { name: 's' }, logRecords }] },
    ],
  };
}

interface Sorted {
  readonly resourceLogs: readonly {
    readonly resource: { attributes?: { key: string }[] };
    readonly scopeLogs: readonly { readonly logRecords: readonly { attributes?: { key: string }[] }[] }[];
  }[];
}

/** A request on the wire as plain objects, its attributes in the order of their keys. */
function shown(chunks: readonly Uint8Array[]): unknown {
  const request = JSON.parse(Buffer.from(protoToJson('logs', chunks)).toString()) as Sorted;
  for (const { resource, scopeLogs } of request.resourceLogs)
    for (const each of [resource, ...scopeLogs.flatMap(({ logRecords }) => logRecords)])
      each.attributes = (each.attributes ?? []).sort((a, b) => a.key.localeCompare(b.key));
  return request;
}

const wire = (request: object) => jsonToProto('logs', JSON.stringify(request));

test('groups of statements do what they do to decoded objects, one group after the other', () => {
  fc.assert(
    fc.property(batch, fc.array(group, { maxLength: 5 }), ({ resource, records }, groups) => {
      const given = LogsBatch.of([wire(requestOf(resource, records))]);
      const log_statements = groups.map(({ steps, condition }) => ({
        context: 'log' as const,
        conditions: condition === null ? [] : [conditionOf(condition)],
        statements: steps.map((each) => statementOf(each)),
      }));
      const settings = {
        error_mode: 'propagate' as const,
        log_statements,
        trace_statements: [],
        metric_statements: [],
        profile_statements: [],
      };
      definition.create!(settings, new FakeStepTools()).logs!(given);

      const expected = { resource: { ...resource }, records: records.map((each) => ({ ...each })) };
      applied(expected.resource, expected.records, groups);
      expect(shown(given.chunks)).toEqual(shown([wire(requestOf(expected.resource, expected.records))]));
    }),
    { numRuns: 500 },
  );
});
