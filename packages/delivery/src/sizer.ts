import type { Load } from './shipment.ts';

/** Unit in which a queue or a batch is measured. */
export type Sizer = 'requests' | 'items' | 'bytes';

/** How much of a limit a load takes. */
export function sizeOf(load: Load, sizer: Sizer): number {
  switch (sizer) {
    case 'requests':
      return 1;
    case 'items':
      return load.items;
    case 'bytes':
      return load.bytes;
  }
}
