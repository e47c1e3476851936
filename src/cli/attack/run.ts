import type { GoalKind } from '../../attacks/index.ts';
import { views } from '../../attacks/index.ts';
import { type EntrySpec, parseEntry } from '../../catalog/index.ts';
import {
  type AttackOutcome,
  type AttackRequest,
  attack,
  defaultNorm,
  type ResolvedAttack,
  resolveAttack,
} from '../../judge/index.ts';
import { abstains, attackTables, type NamedAttackResult } from '../../report/index.ts';
import { openOutputs } from '../../runtime/index.ts';
import type { Norm } from '../../tensor/index.ts';
import { interruptible } from '../interrupt.ts';
import { printAndWrite } from '../print-and-write.ts';
import { duration, progress } from '../progress.ts';
import { terminal } from '../terminal.ts';
import { checkFlags } from './check-flags.ts';
import { withCures } from './cures.ts';
import type { AttackFlags } from './flags.ts';
import { type AttackedImages, chainOf, factsOf, imagesOf, type Opened, openAll } from './opened.ts';
import { refuseLeftovers, savedFiles, saveImages, saveReport } from './save.ts';

/**
 * Attacks a model and prints and writes what came of it.
 * @param spec the attack with all its options
 */
export async function runAttack(path: string, flags: AttackFlags, spec: EntrySpec): Promise<void> {
  const chain = chainOf(flags);
  const resolved = resolveWith(spec, flags);
  const goal = goalOf(flags, resolved.attack.goals);
  checkFlags(flags, resolved.attack, goal);
  const outputs = await openOutputs({ files: [flags.report], folders: [flags.save] });
  const opened = await openAll(path, flags, chain);
  const { dataset } = opened;
  const { save, report } = flags;
  const images = await imagesOf(flags, goal, opened);
  const request = requestOf(spec, flags, { goal, images, opened });
  const saved = savedFiles(flags, normOf(flags) ?? defaultNorm(resolved.attack), dataset);
  await outputs.spareInputs([report, ...saved.flat()]);
  await refuseLeftovers(save, saved, dataset);
  const outcomes = await runWithProgress(opened.model, resolved, flags, request);

  const facts = flags.json === true || report !== undefined ? await factsOf(path, flags, opened.inputs) : {};
  const results = outcomes.map((outcome) => named({ ...outcome, ...facts }, flags, opened));
  const whole = results.length === 1 ? results[0] : { results };
  await printAndWrite(
    flags.json === true ? `${JSON.stringify(whole)}\n` : `${attackTables(results, terminal())}\n`,
    [
      ...(save === undefined ? [] : [() => saveImages(saved, outcomes)]),
      ...(report === undefined ? [] : [() => saveReport(report, results, { outcomes, dataset })]),
    ],
  );
}

/** The attack with its options checked, and the views of the flags. */
export function resolveWith(spec: EntrySpec, flags: AttackFlags): ResolvedAttack {
  return resolveAttack({ ...spec, through: viewsOf(flags) });
}

function viewsOf({ through = [] }: AttackFlags): EntrySpec[] {
  return through.map((text) => parseEntry(text, views));
}

/** What the judge is asked. */
export function requestOf(
  spec: EntrySpec,
  flags: AttackFlags,
  { goal, images, opened }: { goal: GoalKind; images: AttackedImages; opened: Opened },
): AttackRequest {
  return {
    ...images,
    goal,
    through: viewsOf(flags),
    ...(spec.options === undefined ? {} : { options: spec.options }),
    ...(opened.sources.length > 0 && { sources: opened.sources }),
    ...(flags.hosts !== undefined && { hosts: flags.hosts }),
  };
}

/** The result in the language of the labels, its flags with what cures them. */
export function named(
  outcome: AttackOutcome & Pick<NamedAttackResult, 'files' | 'logits'>,
  flags: AttackFlags,
  { offset, names, files }: Opened,
): NamedAttackResult {
  return inLabels({ ...outcome, flags: withCures(outcome.flags, files, flags) }, offset, names);
}

function normOf({ l0, norm }: AttackFlags): Norm | undefined {
  return l0 === 'entries' ? 'l0-entries' : norm;
}

/** One outcome per radius. */
export async function runWithProgress(
  model: Opened['model'],
  { attack: chosen }: ResolvedAttack,
  flags: AttackFlags,
  request: AttackRequest,
): Promise<AttackOutcome[]> {
  const live = progress(flags.json === true);
  const started = performance.now();
  const { epsilon, area } = flags;
  const norm = normOf(flags);
  const outcomes = await interruptible<AttackOutcome[]>((signal) => {
    const whole = {
      ...request,
      ...(norm && { norm }),
      ...(area !== undefined && { region: { share: area } }),
      labelsFrom: flags.predicted === true ? ('predicted' as const) : ('true' as const),
      pixels: flags.pixels,
      seed: flags.seed,
      stopEarly: flags.stopEarly === true,
      ...(flags.opponent && { opponent: flags.opponent }),
      ...(flags.queries !== undefined && { queries: flags.queries }),
      ...(flags.draws !== undefined && { draws: flags.draws }),
      signal,
      onProgress: ({ done, total, step }: { done: number; total: number; step: number }) => {
        const seconds = (performance.now() - started) / 1000;
        const radii = total / Math.max(1, request.labels.length);
        const of = radii > 1 ? ` within ${radii} radii` : '';
        const left = done === 0 ? '' : `, ${duration((seconds / done) * (total - done))} left`;
        live.update(
          `${chosen.name}: ${done} of ${total} images${of}, ${duration(seconds)}${left}${step > 0 ? `, step ${step}` : ''}`,
        );
      },
    };
    return typeof epsilon === 'object'
      ? attack(model, chosen, { ...whole, epsilon })
      : attack(model, chosen, { ...whole, epsilon }).then((outcome) => [outcome]);
  }, 'Run the same command again: nothing was written.');
  live.done();
  return outcomes;
}

export function goalOf({ goal, targets }: AttackFlags, goals: readonly GoalKind[]): GoalKind {
  return goal ?? (targets !== undefined || !goals.includes('untargeted') ? 'targeted' : 'untargeted');
}

/** The result in the language of the labels given, without the images. */
function inLabels(
  outcome: AttackOutcome & Pick<NamedAttackResult, 'files' | 'logits'>,
  offset: number,
  names: Record<number, string> | undefined,
): NamedAttackResult {
  const { adversarial: _, samples, ...result } = outcome;
  const shift = (c: number): number => (c < 0 ? c : c + offset);
  return {
    ...result,
    ...(names && { classNames: { ...(result.abstained && { [-1]: abstains }), ...names } }),
    samples: samples.map((s) => ({
      ...s,
      label: shift(s.label),
      ...(s.target === undefined ? {} : { target: shift(s.target) }),
      clean: shift(s.clean),
      adversarial: shift(s.adversarial),
    })),
  };
}
