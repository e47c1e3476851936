import { type Dataset, renderRoadsign, roadsignClasses } from '../data/index.ts';
import { execute, type Progress, type Step, type Store, stepId } from '../runs/index.ts';
import type { Hosts, JobContext } from '../runtime/index.ts';
import { tensor } from '../tensor/index.ts';
import { decodeRow, inTurns, pngs } from './pixels.ts';
import type { RenderedRule } from './schema.ts';

/** Photographs per step: each class once. */
const perStep = roadsignClasses.length;
const shape = [3, 64, 64] as const;
const size = shape[0] * shape[1] * shape[2];

/** Photographs [from, to) of a part, as plain data. */
interface RenderWork extends Pick<RenderedRule, 'part' | 'seed'> {
  from: number;
  to: number;
}

interface Photograph {
  id: string;
  label: number;
  target: number;
}

/** Runs in a host. */
export async function render(
  data: unknown,
  context: JobContext,
): Promise<{ levels: Uint8Array; photographs: Photograph[] }> {
  const { from, to, ...options } = data as RenderWork;
  const levels = new Uint8Array((to - from) * size);
  const photographs: Photograph[] = [];
  for (let index = from; index < to; index++) {
    await context.pause();
    const { id, label, target, image } = await renderRoadsign({ ...options, index });
    levels.set(image, photographs.length * size);
    photographs.push({ id, label, target });
    context.progress(photographs.length);
  }
  return { levels, photographs };
}

/**
 * Renders the dataset of the rules, or reads what of it the run directory has: each few photographs are a step.
 * @param versions of the software: another may paint otherwise
 * @throws AdvarenaError STOPPED, DISK_FULL, OUTPUT_UNWRITABLE, BLOB_MISSING, BLOB_DAMAGED, RECORD_DAMAGED
 */
export async function renderDataset(
  { name, part, seed, count }: RenderedRule,
  options: {
    store: Store;
    hosts: Hosts;
    versions: Record<string, string>;
    signal?: AbortSignal;
    onProgress?: (progress: Progress) => void;
  },
): Promise<Dataset> {
  const { store, hosts, versions, ...watch } = options;
  const steps = Array.from({ length: Math.ceil(count / perStep) }, (_, i): Step<RenderWork> => {
    const [from, to] = [i * perStep, Math.min(count, (i + 1) * perStep)];
    const definition = { versions, dataset: name, part, seed, from, to };
    return {
      id: stepId({ kind: 'render', definition, inputs: {} }),
      kind: 'render',
      label: `photographs ${from + 1} to ${to}`,
      definition,
      inputs: {},
      work: { part, seed, from, to },
    };
  });
  const records = await execute<RenderWork>({
    store,
    next: (done) => steps.filter((step) => !done.has(step.id)),
    count: (done) => ({ done: steps.filter((step) => done.has(step.id)).length, total: steps.length }),
    async perform({ work, label }, signal, tick) {
      const job = { module: import.meta.url, name: 'render', data: work };
      const made = await hosts.run(job, { signal, name: label, onProgress: tick });
      const { levels, photographs } = made as Awaited<ReturnType<typeof render>>;
      const images = tensor(levels, [photographs.length, ...shape], 'uint8');
      const ids = photographs.map(({ id }) => id);
      return {
        outcome: photographs.map(({ id, label, target }) => ({ id, label, target })),
        outputs: await pngs(images, ids),
      };
    },
    concurrency: hosts.size,
    ...watch,
  });
  const found = steps.flatMap((step) => {
    const { outcome, outputs } = records.get(step.id) ?? {};
    return (outcome as unknown as Photograph[]).map((p) => ({ ...p, blob: outputs?.[p.id] as string }));
  });
  const images = tensor(new Uint8Array(count * size), [count, ...shape], 'uint8');
  await inTurns(count, async (i) => {
    const { blob } = found[i] as (typeof found)[number];
    await decodeRow(await store.get(blob), images, i, `blob ${blob}`);
  });
  return {
    name: `${name} ${part}`,
    ids: found.map(({ id }) => id),
    images,
    labels: Int32Array.from(found, ({ label }) => label),
    targets: Int32Array.from(found, ({ target }) => target),
    labelOffset: 0,
    classes: roadsignClasses.length,
    classNames: roadsignClasses,
  };
}
