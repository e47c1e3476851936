export { contains, project } from './balls.ts';
export * from './errors.ts';
export { fromBrain, fromHalf, toBrain, toHalf } from './half.ts';
export { distances, type Norm, norms } from './norms.ts';
export * from './npy.ts';
export { type RandomKey, type RandomSource, type RandomStream, source, stream } from './random.ts';
export * from './round8.ts';
export * from './tensor.ts';
export { openWasm } from './wasm.ts';
