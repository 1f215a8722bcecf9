import { SeededRandom } from '@millrace/testkit';

/** Independent streams of random numbers from one seed: what one part draws does not change what another one gets. */
export class Streams {
  readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  of(name: string): SeededRandom {
    let mixed = Math.imul(this.seed ^ 0x9e3779b9, 0x85ebca6b);
    for (let at = 0; at < name.length; at++) mixed = Math.imul(mixed ^ name.charCodeAt(at), 0x01000193);
    return new SeededRandom(mixed ^ (mixed >>> 15));
  }
}
