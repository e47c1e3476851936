import { type EntrySpec, writeEntry } from '../catalog/index.ts';
import type { AttackResult } from '../judge/index.ts';
import { kinds } from '../models/index.ts';
import { epsilonText } from '../tensor/index.ts';
import { counted, countText } from './format.ts';

/** `linf 8/255`, `at most 5 pixels`, `smallest l2 change`, `any pixels within a square of 5 % of the area`. */
export function limitText(result: AttackResult): string {
  const { norm, region, curve } = result;
  const free = curve === undefined ? 'any pixels' : `smallest ${norm} change`;
  const bound = radiusText(result) ?? free;
  return region === undefined ? bound : `${bound} within ${regionText(region)}`;
}

/** `linf 8/255`, `at most 5 pixels`; undefined where there is none. */
export function radiusText({ norm, epsilon }: Pick<AttackResult, 'norm' | 'epsilon'>): string | undefined {
  if (epsilon === null) return undefined;
  return `${norm.startsWith('l0') ? 'at most' : norm} ${epsilonText(norm, epsilon)}`;
}

/** `a mask`, `a square of 5 % of the area`. */
export function regionText(region: NonNullable<AttackResult['region']>): string {
  return region === 'mask'
    ? 'a mask'
    : `a square of ${Number((region.share * 100).toPrecision(3))} % of the area`;
}

/** `12 images`, `12 images changed within a mask`. */
export function imagesText({ samples, region }: AttackResult): string {
  const images = counted(samples.length, 'image');
  return region === undefined ? images : `${images} changed within ${regionText(region)}`;
}

/** What was attacked and how it was judged: `untargeted, 12 images, 8-bit pixels`. */
export function taskText({ goal, samples, pixels, draws }: AttackResult, limit?: string): string {
  return [
    goal,
    limit ?? counted(samples.length, 'image'),
    `${pixels} pixels`,
    ...(draws > 1 ? [`${draws} draws of the model`] : []),
  ].join(', ');
}

/** What stood before the model, and what the attack opened, looked through and might ask, where anything did. */
export function accessFacts(result: AttackResult): { name: string; text: string }[] {
  const { defenses, adaptive, sources, through, queries, stopEarly, labelsFrom } = result;
  const sight = adaptive === true ? 'which the attack saw' : 'to which the attack was blind';
  const several = (sources?.length ?? 0) > 1;
  return [
    ...(defenses ? [{ name: 'behind', text: `${defenses.map(entryText).join(', then ')}, ${sight}` }] : []),
    ...(sources ? [{ name: several ? 'sources' : 'source', text: sources.join(', ') }] : []),
    ...(through ? [{ name: 'through', text: through.map(entryText).join(', ') }] : []),
    ...(queries === undefined ? [] : [{ name: 'at most', text: `${queriesText(queries)} per image` }]),
    ...(labelsFrom === 'predicted' ? [{ name: 'told', text: "the model's own answers" }] : []),
    ...(stopEarly ? [{ name: 'stopped', text: 'where the model was fooled' }] : []),
  ];
}

/** `steps 40, loss margin`. */
export function optionsText(options: AttackResult['options']): string {
  return Object.entries(options)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

/** `200 decisions and scores`, `10 gradients, 300 scores`. */
function queriesText(queries: NonNullable<AttackResult['queries']>): string {
  if (typeof queries === 'number') return `${countText(queries)} decisions and scores`;
  return kinds
    .flatMap((kind) => (queries[kind] === undefined ? [] : `${countText(queries[kind])} ${kind}`))
    .join(', ');
}

/** The short form; options that have none as JSON. */
export function entryText(spec: EntrySpec): string {
  const plain = Object.values(spec.options ?? {}).every(
    (v) => v === null || typeof v !== 'object' || Array.isArray(v),
  );
  return plain ? writeEntry(spec) : `${spec.name} ${JSON.stringify(spec.options)}`;
}
