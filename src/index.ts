// The package's main door: what most users need. Each room is a door of its own: advarena/attacks, advarena/onnx, ...
export { readTournament, runTournament } from './arena/index.ts';
export { gradient } from './autodiff/index.ts';
export { loadDataset } from './data/index.ts';
export { defend } from './defenses/index.ts';
export type { AttackOutcome, AttackRequest, AttackResult, SampleResult } from './judge/index.ts';
export { attack } from './judge/index.ts';
export type { Classifier } from './models/index.ts';
export { loadModel, openModel } from './models/index.ts';
export { AdvarenaError } from './tensor/index.ts';
