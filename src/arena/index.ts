export type { AttackOutcome, DefendOutcome, MadeImage } from './outcomes.ts';
export type * from './result.ts';
export type { AttackRule, DefenseRule, ModelRule, Rules, SubjectRule } from './rules.ts';
export { loadRules, parseRules } from './rules.ts';
export type { ImageEntry, NetworkHashes, RunFile } from './run-file.ts';
export { rulesJsonSchema } from './schema.ts';
export { scoresOf } from './scores.ts';
export type { TournamentOptions } from './tournament.ts';
export { readTournament, reportFile, runTournament } from './tournament.ts';
