export { answersOf, argmax, scoresOf, softmax, topMargins } from './answers.ts';
export * from './classifier.ts';
export { contradictionOf } from './contradiction.ts';
export type { DraftEntry, SidecarDraft } from './draft-sidecar.ts';
export { draftSidecar, entriesOf } from './draft-sidecar.ts';
export { fuse } from './ensemble.ts';
export { type InputValue, inputTensor } from './further-inputs.ts';
export { graphClassifier } from './graph-classifier.ts';
export { withGuess, withoutGuess } from './guess.ts';
export type { HubFile } from './hub-file.ts';
export { readHubFiles } from './hub-files.ts';
export { inferSidecar, sidecarOf } from './infer-sidecar.ts';
export { asWritten } from './json.ts';
export type { LoadOptions, NetworkFile, OpenOptions } from './load.ts';
export { loadModel, openModel, readGraph, readNetwork } from './load.ts';
export { mean, meanOfDraws } from './mean-of-draws.ts';
export type { Kind, Meter } from './meter.ts';
export { byKind, kinds, metered, newMeter } from './meter.ts';
export type { Differentiated, NetPart } from './net.ts';
export { differentiate, givenTo, netWithin } from './net.ts';
export type { Head, ImageGraph, NetworkOptions } from './network.ts';
export { labelOffsetOf, networkGraph } from './network.ts';
export type { Net, Objective } from './objectives.ts';
export {
  carliniWagner,
  classesFor,
  crossEntropy,
  difference,
  dlr,
  dlrTargeted,
  labelTensor,
  logit,
  logitSum,
  margin,
  probabilityMargin,
} from './objectives.ts';
export type { Access, Oracle, Trouble } from './oracle.ts';
export { accesses, lesser, oracleOf, textsOf, within } from './oracle.ts';
export { madeFrom, originOf } from './origin.ts';
export { readSidecar, readSidecarFile, type SidecarFile } from './read-sidecar.ts';
export type { ResizeAndPad } from './resize-and-pad.ts';
export { resizeAndPad } from './resize-and-pad.ts';
export { ownCandidate, settleDraft } from './settle-draft.ts';
export type { Sidecar, SidecarEntries } from './sidecar.ts';
export { parseSidecar, sidecarSchema } from './sidecar.ts';
export type {
  EnsembleSpec,
  Fusion,
  InputSetting,
  ModelSize,
  ModelSpec,
  NetworkSpec,
  SessionSettings,
  Subject,
} from './spec.ts';
export type { Draws, GraphStage, LoopStage, OpenStage, Stage, StageContext } from './stages.ts';
export { behind, openStage } from './stages.ts';
export type { Trial, Trials } from './try-preprocessings.ts';
export { candidatesFor, offsetsFor, trialJob } from './try-preprocessings.ts';
