import { networkHashes } from '../../arena/index.ts';
import type { GoalKind } from '../../attacks/index.ts';
import { views } from '../../attacks/index.ts';
import { type EntrySpec, parseEntry } from '../../catalog/index.ts';
import { type Dataset, loadDataset } from '../../data/index.ts';
import { defend, defenses } from '../../defenses/index.ts';
import {
  type AttackOutcome,
  type AttackRequest,
  attack,
  defaultNorm,
  type ResolvedAttack,
  resolveAttack,
  resolveDefense,
} from '../../judge/index.ts';
import { type Classifier, loadModel, type NetworkSpec, readGraph } from '../../models/index.ts';
import { abstains, attackTables, type NamedAttackResult } from '../../report/index.ts';
import { openOutputs } from '../../runtime/index.ts';
import { AdvarenaError, type Norm } from '../../tensor/index.ts';
import { interruptible } from '../interrupt.ts';
import { printAndWrite } from '../print-and-write.ts';
import { duration, progress } from '../progress.ts';
import { terminal } from '../terminal.ts';
import { checkFlags } from './check-flags.ts';
import { classesIn, offsetOf, targetClasses } from './classes.ts';
import { withCures } from './cures.ts';
import type { AttackFlags } from './flags.ts';
import { readMasks } from './masks.ts';
import { refuseLeftovers, savedFiles, saveImages, saveReport } from './save.ts';

/**
 * Attacks a model and prints and writes what came of it.
 * @param spec the attack with all its options
 */
export async function runAttack(path: string, flags: AttackFlags, spec: EntrySpec): Promise<void> {
  const through = (flags.through ?? []).map((text) => parseEntry(text, views));
  const chain = (flags.defense ?? []).map((text) => resolveDefense(parseEntry(text, defenses)));
  const resolved = resolveAttack({ ...spec, through });
  const goal = goalOf(flags, resolved.attack.goals);
  checkFlags(flags, resolved.attack, goal);
  const outputs = await openOutputs({ files: [flags.report], folders: [flags.save] });
  const dataset = await load(flags);
  const inputs = await inputsOf([path, ...(flags.source ?? [])], flags.input);
  let model = await open(path, flags, dataset, inputs[0]);
  for (const { defense, options } of chain.toReversed()) model = defend(model, defense, options);
  const sources = await Promise.all(
    (flags.source ?? []).map((file, i) => open(file, flags, dataset, inputs[i + 1])),
  );
  const offset = offsetOf(dataset, flags, model);
  const request: AttackRequest = {
    ...(await imagesOf(flags, goal, { dataset, offset, model })),
    goal,
    through,
    ...(spec.options === undefined ? {} : { options: spec.options }),
    ...(sources.length > 0 && { sources }),
  };
  const { save, report } = flags;
  const saved = savedFiles(flags, normOf(flags) ?? defaultNorm(resolved.attack), dataset);
  await outputs.spareInputs([report, ...saved.flat()]);
  await refuseLeftovers(save, saved, dataset);
  const outcomes = await runWithProgress(model, resolved, flags, request);

  const facts = flags.json === true || report !== undefined ? await factsOf(path, flags, inputs) : {};
  const names = namesOf(dataset, model, offset);
  const files = new Map(
    [model, ...sources].map(({ name }, i) => [name, [path, ...(flags.source ?? [])][i] ?? path]),
  );
  const results = outcomes.map((outcome) =>
    inLabels({ ...outcome, ...facts, flags: withCures(outcome.flags, files, flags) }, offset, names),
  );
  const whole = results.length === 1 ? results[0] : { results };
  await printAndWrite(
    flags.json === true ? `${JSON.stringify(whole)}\n` : `${attackTables(results, terminal())}\n`,
    [
      ...(save === undefined ? [] : [() => saveImages(saved, outcomes)]),
      ...(report === undefined ? [] : [() => saveReport(report, results, { outcomes, dataset })]),
    ],
  );
}

/** What shaped the result beside what the judge says of it. */
async function factsOf(
  path: string,
  { source = [], logits }: AttackFlags,
  inputs: readonly Inputs[],
): Promise<Pick<NamedAttackResult, 'files' | 'logits'>> {
  const files = await Promise.all([path, ...source].map((file, i) => networkHashes(file, inputs[i])));
  return { files, ...(logits === true && { logits }) };
}

function normOf({ l0, norm }: AttackFlags): Norm | undefined {
  return l0 === 'entries' ? 'l0-entries' : norm;
}

/** One outcome per radius. */
async function runWithProgress(
  model: Classifier,
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
      ...(flags.hosts === undefined ? {} : { hosts: flags.hosts }),
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

/** The images with what is said of them, in classes from 0. */
async function imagesOf(
  flags: AttackFlags,
  goal: GoalKind,
  { dataset, offset, model }: { dataset: Labelled; offset: number; model: Classifier },
): Promise<Pick<AttackRequest, 'images' | 'ids' | 'labels' | 'targets' | 'masks' | 'region'>> {
  const file = flags.labels ?? flags.images;
  const given = dataset.labels.map((l) => l + dataset.labelOffset);
  const labels = classesIn(file, given, { what: 'label', model, ids: dataset.ids, offset });
  const targets =
    goal === 'targeted'
      ? await targetClasses(flags.targets, { dataset, file, offset, labels, model, seed: flags.seed })
      : undefined;
  const masks =
    flags.mask === undefined ? undefined : await readMasks(flags.mask, dataset, flags.limit !== undefined);
  return {
    images: dataset.images,
    ids: dataset.ids,
    labels,
    ...(targets && { targets }),
    ...(masks && { masks, region: 'mask' }),
  };
}

function goalOf({ goal, targets }: AttackFlags, goals: readonly GoalKind[]): GoalKind {
  return goal ?? (targets !== undefined || !goals.includes('untargeted') ? 'targeted' : 'untargeted');
}

type Labelled = Dataset & { labels: Int32Array };

/** @throws AdvarenaError LABEL_MISSING, errors of the dataset */
async function load({ images, labels, size, limit }: AttackFlags): Promise<Labelled> {
  const dataset = await loadDataset({
    images,
    ...(labels === undefined ? {} : { labels }),
    ...(size === undefined ? {} : { size }),
    ...(limit === undefined ? {} : { limit }),
  });
  if (dataset.labels === undefined)
    throw new AdvarenaError('LABEL_MISSING', 'The images have no labels.', {
      where: images,
      remedy: 'Give a file of them with --labels.',
    });
  return { ...dataset, labels: dataset.labels };
}

type Inputs = NetworkSpec['inputs'];

/** Further inputs of each model: of several models, each gets those that its graph has; the first also unknown ones. */
async function inputsOf(files: readonly string[], given: Inputs): Promise<Inputs[]> {
  if (given === undefined || files.length === 1) return files.map(() => given);
  const graphs = await Promise.all(files.map(readGraph));
  const names = graphs.map((graph) => new Set(graph.inputs.map((i) => i.name)));
  return names.map((own, i) => {
    const kept = Object.entries(given).filter(
      ([name]) => own.has(name) || (i === 0 && !names.some((others) => others.has(name))),
    );
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  });
}

function open(
  path: string,
  { logits, device, threads }: AttackFlags,
  dataset: Dataset,
  inputs: Inputs,
): Promise<Classifier> {
  const [, channels = 0, height = 0, width = 0] = dataset.images.shape;
  return loadModel(path, {
    size: { channels, height, width },
    ...(inputs && { inputs }),
    // The competition's labels are ImageNet's, whatever a model without sidecar may say.
    ...(dataset.labelOffset === 1 && dataset.classes === 1000 ? { dataset: 'imagenet-1k' } : {}),
    ...(logits === true ? { logits: true } : {}),
    settings: { device, ...(threads === undefined ? {} : { threads }) },
  });
}

/** What people call the classes, by the labels given: as the dataset says, else as the model does. */
function namesOf(
  { classNames, labelOffset }: Dataset,
  model: Classifier,
  offset: number,
): Record<number, string> | undefined {
  const [names, first] = classNames ? [classNames, labelOffset] : [model.classNames, offset];
  return names && Object.fromEntries(names.map((name, i) => [i + first, name]));
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
