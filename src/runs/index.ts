export type { Json, StepDefinition } from './canonical.ts';
export { canonicalJson, hashJson, stepId } from './canonical.ts';
export type { ExecuteOptions, Performed, Progress, Running, Step } from './executor.ts';
export { execute } from './executor.ts';
export type { RecordFault, StepRecord, Store } from './store.ts';
export { checkRun, checkSeal, claimRun, openStore, openStoreReadOnly, outputOf, readRun } from './store.ts';
export { parseYaml, readYaml, type YamlFile } from './yaml.ts';
