import { describe, expect, it } from 'vitest';
import { checkConfig, type FileExporterConfig } from './config.ts';
import { Rig } from './testing/rig.ts';

const RECIPIENT = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';
const faults = (changes: Partial<FileExporterConfig>) =>
  checkConfig(new Rig().settings(changes)).map(({ path }) => path.join('.'));
const grouped = { enabled: true, resource_attribute: 'service.name', max_open_files: 1 };

describe('refused, each with the key that is wrong', () => {
  it.each<[string, Partial<FileExporterConfig>, string[]]>([
    ['permissions without a directory to make', { directory_permissions: '0755' }, ['directory_permissions']],
    ['permissions that are none', { create_directory: true, directory_permissions: '0999' }, ['directory_permissions']],
    [
      'a level that gzip lacks',
      { compression: 'gzip', compression_params: { level: 11 } },
      ['compression_params.level'],
    ],
    ['a level for lz4', { compression: 'lz4', compression_params: { level: 3 } }, ['compression_params.level']],
    ['groups without a place for their name', { group_by: grouped }, ['path']],
    ['two places', { path: '/a/*/*', group_by: grouped }, ['path']],
    ['a name at the very beginning', { path: '*', group_by: grouped }, ['path']],
    [
      'no attribute',
      { path: 'a/*', group_by: { ...grouped, resource_attribute: '' } },
      ['group_by.resource_attribute'],
    ],
    ['encryption for nobody', { encryption: { recipients: [] } }, ['encryption']],
    ['a mistyped recipient', { encryption: { recipients: [RECIPIENT, 'age1nope'] } }, ['encryption.recipients.1']],
    ['a secret key as recipient', { encryption: { recipients: ['AGE-SECRET-KEY-1X'] } }, ['encryption.recipients.0']],
  ])('%s', (_what, changes, paths) => {
    expect(faults(changes)).toEqual(paths);
  });
});

it('what is fine has no faults', () => {
  expect(faults({})).toEqual([]);
  expect(faults({ create_directory: true, directory_permissions: '0700' })).toEqual([]);
  expect(faults({ compression: 'zstd', compression_params: { level: -3 } })).toEqual([]);
  expect(faults({ path: 'a/*.jsonl', group_by: grouped })).toEqual([]);
  expect(faults({ encryption: { recipients: [], recipients_file: 'x' } })).toEqual([]);
  expect(faults({ encryption: { recipients: [RECIPIENT] } })).toEqual([]);
});
