import type { ResolvedConfig } from '@millrace/config';
import type { Sighting } from '../observers.ts';

/** How many items passed each place of each pipeline that something came to: `logs  3 → filter 2 → batch 2`. */
export function wayText({ pipelines }: ResolvedConfig, sightings: readonly Sighting[]): string[] {
  const counts = new Map<string, number>();
  for (const { pipeline, position, items } of sightings) {
    const place = `${pipeline} ${position}`;
    counts.set(place, (counts.get(place) ?? 0) + items);
  }
  return [...pipelines.values()].flatMap(({ id, processors }) => {
    const count = (position: number) => counts.get(`${id} ${position}`) ?? 0;
    const steps = processors.map((processor, index) => ` → ${processor} ${count(index + 1)}`);
    return count(0) === 0 ? [] : [`${id}  ${count(0)}${steps.join('')}`];
  });
}
