import type { Detected } from './detected.ts';
import type { Machine } from './machine.ts';

/** An id of Docker, containerd, CRI-O and Podman, and one of Amazon ECS. */
const ID = /[0-9a-f]{64}|[0-9a-f]{32}-[0-9]{1,20}/;

/** The id of the container that this runs in, as control groups and mounts tell it; nothing outside of containers. */
export function detectContainer(machine: Machine): Detected {
  return { 'container.id': idFromGroups(machine) ?? idFromMounts(machine) };
}

/** Version 1 of control groups: the last part of a path holds the id (`/docker/<id>`, `.../cri-containerd-<id>.scope`). */
function idFromGroups(machine: Machine): string | undefined {
  for (const line of (machine.read('/proc/self/cgroup') ?? '').split('\n')) {
    const found = ID.exec(line.slice(line.lastIndexOf('/') + 1));
    if (found !== null) return found[0];
  }
  return undefined;
}

/** Version 2 shows no path inside of a container, but the host's copy of /etc/hostname is mounted from a folder named by the id. */
function idFromMounts(machine: Machine): string | undefined {
  for (const line of (machine.read('/proc/self/mountinfo') ?? '').split('\n')) {
    const fields = line.split(' ');
    if (fields[4] !== '/etc/hostname') continue;
    const found = ID.exec(fields[3]);
    if (found !== null) return found[0];
  }
  return undefined;
}
