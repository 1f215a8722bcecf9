export { mountedDuring, NEVER } from './mounted-file-system.ts';
export { SeededRandom } from './seeded-random.ts';
export { SimulatedFileSystem } from './simulated-file-system.ts';
export type { Fault, Operation, OperationName, SimulationOptions } from './simulated-file-system.ts';
