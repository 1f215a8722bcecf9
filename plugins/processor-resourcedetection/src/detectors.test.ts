import { describe, expect, test } from 'vitest';
import { detectContainer } from './detect-container.ts';
import { detectEnv } from './detect-env.ts';
import { detectProcess } from './detect-process.ts';
import { detectSystem } from './detect-system.ts';
import { thisMachine } from './machine.ts';
import { fakeMachine } from './testing/fake-machine.ts';

describe('env', () => {
  const detected = (OTEL_RESOURCE_ATTRIBUTES: string) => detectEnv(fakeMachine({ env: { OTEL_RESOURCE_ATTRIBUTES } }));

  test.each([
    [' example.org/test-1 =  test $ %3A \\" ,  Abc=Def  ', { 'example.org/test-1': 'test $ : \\"', Abc: 'Def' }],
    ['single=key', { single: 'key' }],
    ['a=b=c,d=', { a: 'b=c', d: '' }],
    ['a=b,', { a: 'b' }],
    ['a=%C3%A9+x,a2=%2C', { a: 'é x', a2: ',' }],
    ['a=1,a=2', { a: '2' }],
    ['  ', {}],
  ])('reads "%s"', (text, attributes) => {
    expect(detected(text)).toEqual(attributes);
  });

  test.each([
    'invalid=url-%3-encoding',
    'invalid-ü=test',
    'invalid=ü',
    'extra=chars, a',
    'key=value,key',
    '=x',
    'a=b,,c=d',
    `a=${'x'.repeat(257)}`,
  ])('refuses "%s"', (text) => {
    expect(() => detected(text)).toThrow(expect.objectContaining({ code: 'RESOURCE_ENV_INVALID' }));
  });

  test('takes the older variable where the other one is empty', () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: '', OTEL_RESOURCE: 'a=old' };
    expect(detectEnv(fakeMachine({ env }))).toEqual({ a: 'old' });
    expect(detectEnv(fakeMachine({ env: { ...env, OTEL_RESOURCE_ATTRIBUTES: 'a=new' } }))).toEqual({ a: 'new' });
  });
});

const OS_RELEASE = [
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
  'NAME="Debian GNU/Linux"',
  'VERSION_ID="12"',
  'VERSION="12 (bookworm)"',
  'ID=debian',
  "BUILD_ID='2024\\$1'",
].join('\n');
const CPU = [
  'processor\t: 0',
  'vendor_id\t: GenuineIntel',
  'cpu family\t: 6',
  'model\t\t: 151',
  'model name\t: 12th Gen Intel(R) Core(TM) i5: x',
  'stepping\t: 2',
  'cache size\t: 18432 KB',
  '',
  'processor\t: 1',
  'model\t\t: 999',
].join('\n');
const HOSTS = [
  '# 10.0.0.1 web-1.commented web-1',
  '127.0.0.1 localhost',
  '10.0.0.7\tweb-1.example.com web-1 # us',
  '10.0.0.8 other.example.com web-1',
].join('\n');

describe('system', () => {
  test('says what files and the kernel say', () => {
    const machine = fakeMachine({
      files: {
        '/etc/hosts': HOSTS,
        '/etc/machine-id': '3d1219c7c4c5404aaa1f6d2a48adfda4\n',
        '/etc/os-release': OS_RELEASE,
        '/proc/cpuinfo': CPU,
      },
      network: [
        { name: 'eth0', mac: '02:42:ac:11:00:02', addresses: ['10.0.0.7', 'fe80::1'] },
        { name: 'tun0', mac: '00:00:00:00:00:00', addresses: ['10.8.0.2'] },
      ],
    });
    expect(detectSystem(machine, ['dns', 'os'])).toEqual({
      'host.name': 'web-1.example.com',
      'host.id': '3d1219c7c4c5404aaa1f6d2a48adfda4',
      'host.arch': 'amd64',
      'host.ip': ['10.0.0.7', 'fe80::1', '10.8.0.2'],
      'host.mac': ['02-42-AC-11-00-02'],
      'host.interface': ['eth0', 'tun0'],
      'host.cpu.vendor.id': 'GenuineIntel',
      'host.cpu.family': '6',
      'host.cpu.model.id': '151',
      'host.cpu.model.name': '12th Gen Intel(R) Core(TM) i5: x',
      'host.cpu.stepping': '2',
      'host.cpu.cache.l2.size': 18432,
      'os.type': 'linux',
      'os.description': 'Debian GNU/Linux 12 (bookworm) (Linux web-1 6.1.0-18-amd64 #1 SMP x86_64)',
      'os.name': 'debian',
      'os.version': '12',
      'os.build.id': '2024$1',
    });
  });

  test('says less where there are no files', () => {
    const uname = { system: 'Windows_NT', release: '10.0.22631', version: 'Windows 11 Pro', machine: 'x86_64' };
    const detected = detectSystem(fakeMachine({ platform: 'win32', arch: 'arm64', uname }), ['dns', 'os']);
    expect(detected).toMatchObject({ 'host.name': 'web-1', 'host.arch': 'arm64', 'os.type': 'windows', 'host.ip': [] });
    expect(detected['host.id']).toBeUndefined();
    expect(detected['host.cpu.cache.l2.size']).toBeUndefined();
  });

  test('takes the first source of the name that has one, or fails', () => {
    const known = fakeMachine({ files: { '/etc/hosts': HOSTS } });
    expect(detectSystem(known, ['os', 'dns'])['host.name']).toBe('web-1');
    expect(() => detectSystem(fakeMachine(), ['dns'])).toThrow(expect.objectContaining({ code: 'HOSTNAME_NOT_FOUND' }));
  });
});

test('the process says what it is', () => {
  expect(detectProcess(fakeMachine())).toEqual({
    'process.pid': 42,
    'process.parent_pid': 1,
    'process.executable.name': 'node',
    'process.executable.path': '/usr/bin/node',
    'process.command': 'node',
    'process.command_args': ['node', 'millrace', 'run'],
    'process.owner': 'millrace',
    'process.runtime.name': 'nodejs',
    'process.runtime.version': '24.21.0',
    'process.runtime.description': 'Node.js',
  });
});

const ID = '8c4b'.repeat(16);

test.each([
  ['Docker, groups of version 1', `12:pids:/docker/${ID}\n1:cpu:/`, undefined, ID],
  ['containerd', `0::/kubepods.slice/pod1.slice/cri-containerd-${ID}.scope`, undefined, ID],
  ['CRI-O', `1:name=systemd:/kubepods/burstable/pod2/crio-${ID}`, undefined, ID],
  [
    'ECS',
    `9:perf_event:/ecs/${'ab'.repeat(16)}/${'ab'.repeat(16)}-1234567890`,
    undefined,
    `${'ab'.repeat(16)}-1234567890`,
  ],
  [
    'groups of version 2',
    '0::/',
    `1 2 0:1 / / rw - overlay\n9 2 254:1 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw - ext4`,
    ID,
  ],
  ['another mount', '0::/', `9 2 254:1 /volumes/${ID}/data /data rw - ext4`, undefined],
  ['no container', '0::/user.slice/session-1.scope', '1 2 0:1 / / rw - ext4', undefined],
  ['no such files', undefined, undefined, undefined],
])('the id of the container: %s', (_, groups, mounts, id) => {
  const files = {
    ...(groups === undefined ? {} : { '/proc/self/cgroup': groups }),
    ...(mounts === undefined ? {} : { '/proc/self/mountinfo': mounts }),
  };
  expect(detectContainer(fakeMachine({ files }))['container.id']).toBe(id);
});

test('this machine has a name and a system', () => {
  const detected = detectSystem(thisMachine(), ['dns', 'os']);
  expect(detected['host.name']).toMatch(/./);
  expect(detected['os.type']).toMatch(/./);
  expect(detectProcess(thisMachine())['process.pid']).toBe(process.pid);
});
