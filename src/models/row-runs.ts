import { concrete, type Graph } from '../onnx/index.ts';
import { createSession, type Session } from '../runtime/index.ts';
import { AdvarenaError, type AnyTensor, rows, type Tensor, takeRows, zeros } from '../tensor/index.ts';
import { type Alone, probeFixed, probeSizes, type RunSizes, upTo } from './run-sizes.ts';
import type { SessionSettings } from './spec.ts';

export interface RowRunsOptions {
  readonly name: string;
  readonly settings?: SessionSettings | undefined;
  /** Most rows of a run; 1 where rows must run alone. */
  readonly most: number;
  /** Rows that every run must have. */
  readonly fixed?: number | undefined;
  /** Whole numbers that the graph is given are below this. */
  readonly classes: number;
  /** What is said of a graph that gives several rows for each; by default in the graph's own words. */
  readonly several?: { message: string; remedy: string } | undefined;
  /** Is told if rows turn out to have to run alone. */
  readonly onAlone?: (why: Alone) => void;
}

/** A compiled graph whose rows are samples. */
export interface RowRuns {
  /**
   * @param feeds one row per sample; what the graph does not read is left out
   * @param wanted names of float32 outputs
   * @returns one row per row of the feeds, each with the bits that it would get among any others; the caller's
   * @throws AdvarenaError MODEL_OUTPUT where an output has another size than the graph tells
   */
  run(feeds: Readonly<Record<string, AnyTensor>>, wanted: readonly string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/** Compiles a graph for questions about any number of rows: see {@link probeSizes}. No run has one row where two fit. */
export async function openRowRuns(graph: Graph, options: RowRunsOptions): Promise<RowRuns> {
  const { name, settings, onAlone } = options;
  const session = truthful(await createSession(graph, { name, ...settings }), graph, options);
  const sizes = await sizesOf(session, graph, options);
  if (sizes.alone !== undefined) onAlone?.(sizes.alone);
  return {
    async run(given, wanted) {
      const feeds = Object.fromEntries(
        session.inputs.map(({ name: input }) => [input, given[input] as AnyTensor]),
      );
      const count = Object.values(given)[0]?.shape[0] ?? 0;
      const cuts = await sizes.cut(count);
      // What the runtime returns is the caller's already: copies are only for answers of several runs.
      const fits = cuts[0] === count && (sizes.fixed ?? count) === count;
      if (cuts.length === 1 && fits) return (await session.run(feeds, wanted)) as Record<string, Tensor>;
      const whole = Object.fromEntries(wanted.map((output) => [output, rowsOf(graph, output, count)]));
      let from = 0;
      for (const rowsOfRun of cuts) {
        const to = Math.min(count, from + rowsOfRun);
        const size = sizes.fixed ?? rowsOfRun;
        const part = Object.fromEntries(
          Object.entries(feeds).map(([input, t]) => [input, filled(t as Tensor, from, to, size)]),
        );
        const places = Object.fromEntries(
          wanted.map((output) => [output, rows(whole[output] as Tensor, from, to)]),
        );
        if (to - from === size) await session.run(part, wanted, places);
        else {
          const out = (await session.run(part, wanted)) as Record<string, Tensor>;
          for (const output of wanted) {
            const place = places[output] as Tensor;
            place.data.set((out[output] as Tensor).data.subarray(0, place.data.length));
          }
        }
        from = to;
      }
      return whole;
    },
    release: () => session.release(),
  };
}

/** The session, which refuses outputs of other sizes than the graph tells: their numbers would be taken for others. */
function truthful(session: Session, graph: Graph, { name, several }: RowRunsOptions): Session {
  const held = new Set<string>();
  return {
    ...session,
    async run(feeds, wanted = session.outputs.map((o) => o.name), into = {}) {
      // Before the first look nothing is written into memory that may not fit.
      const unseen = wanted.some((output) => !held.has(output));
      const out = await session.run(feeds, wanted, unseen ? {} : into);
      const count = Object.values(feeds)[0]?.shape[0] ?? 0;
      for (const output of wanted) {
        const { shape, data } = out[output] as Tensor;
        const tail =
          concrete(graph.outputs.find((o) => o.name === output)?.shape?.slice(1)) ?? shape.slice(1);
        if ([count, ...tail].join() !== shape.join()) {
          const told = `The output "${output}" is [${shape.join(', ')}] where [${[count, ...tail].join(', ')}] was told.`;
          const repeated = shape.slice(1).join() === tail.join() && Number(shape[0]) > count;
          throw new AdvarenaError(
            // Several rows may be too many, and one alone right.
            count > 1 && shape[0] !== count ? 'RUNTIME_RUN' : 'MODEL_OUTPUT',
            (repeated && several?.message) || told,
            {
              where: name,
              remedy:
                (repeated && several?.remedy) ||
                'Export the model again: it contradicts itself. If a sidecar says output.classes, correct that.',
            },
          );
        }
        held.add(output);
        if (unseen && into[output] !== undefined) (into[output] as Tensor).data.set(data);
      }
      return out;
    },
  };
}

async function sizesOf(session: Session, graph: Graph, options: RowRunsOptions): Promise<RunSizes> {
  const { most, fixed, classes, settings } = options;
  // Other devices than the CPU are not reproducible to the bit at all, and say so by a flag.
  if (most === 1 || (settings?.device ?? 'cpu') !== 'cpu')
    return upTo(most, fixed === undefined ? {} : { fixed });
  if (fixed !== undefined) return probeFixed(session, graph, { rows: fixed, classes });
  try {
    return await probeSizes(session, graph, { most, classes });
  } catch (cause) {
    // A graph may hold a number of rows that nothing of it tells: then one row alone is what it was made for.
    if (cause instanceof AdvarenaError && cause.code === 'RUNTIME_RUN') return upTo(1, { alone: 'fails' });
    throw cause;
  }
}

/** Room for the rows of a float32 output. */
function rowsOf(graph: Graph, output: string, count: number): Tensor {
  const tail = concrete(graph.outputs.find((o) => o.name === output)?.shape?.slice(1));
  if (tail === undefined) throw new Error(`the rows of the output "${output}" have no known size`);
  return zeros([count, ...tail]);
}

/** Rows [from, to), the last of them again until there are `size`. */
function filled(t: Tensor, from: number, to: number, size: number): Tensor {
  if (to - from === size) return rows(t, from, to);
  return takeRows(
    t,
    Array.from({ length: size }, (_, i) => Math.min(from + i, to - 1)),
  );
}

/**
 * Rows per run at which gradients were measured fastest: activations should stay near the caches, yet small nets
 * must amortise the call. Counted in elements of all intermediate tensors of one row.
 */
export function rowsAtBest(graph: Graph): number {
  let elements = 0;
  for (const type of graph.values.values()) {
    const sizes = concrete(type.shape?.slice(1));
    if (sizes !== undefined) elements += sizes.reduce((a, d) => a * d, 1);
  }
  return Math.max(2, Math.min(64, Math.round(4_000_000 / Math.max(1, elements))));
}
