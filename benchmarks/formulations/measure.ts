import { type Graph, prune } from 'advarena/onnx';
import { createSession, type Session } from 'advarena/runtime';
import { median, type Tensor } from 'advarena/tensor';
import { cpuOf } from '../cpu.ts';
import { forwardOf, normal, type Subject, shortened, write } from './subject.ts';

/** One line of the result. */
export interface Row {
  operator: string;
  shape: string;
  formulation: string;
  /** Whether it is the one that src/autodiff writes here. */
  chosen: boolean;
  /** CPU milliseconds of one thread for the operator with its gradient, surroundings included. */
  ms: number;
  /** The same in those of the operator alone, surroundings included. */
  forwards: number;
  /** Largest difference from the first formulation, by the largest gradient. */
  difference: number;
  note: string;
}

const rounds = 9;
/** Beyond it two formulations are not of the same gradient. */
const tolerance = 1e-5;

/** All formulations of a subject and the operator alone, alternating. @throws Error if gradients differ */
export async function measureSubject(subject: Subject): Promise<Row[]> {
  const { graph } = forwardOf(subject);
  const own = write(subject);
  const written = subject.formulations.map((f) => ({ ...f, ...write(subject, f) }));
  const chosen = written.map((w) => outline(w.whole) === outline(own.whole));
  if (!chosen.includes(true)) {
    written.push({ name: 'as src/autodiff', write: () => '', ...own });
    chosen.push(true);
  }
  const feeds: Record<string, Tensor> = {};
  for (const { name, shape } of own.whole.inputs) feeds[name] = normal(name, shape as number[]);
  const differences = await compare(
    written.map((w) => w.whole),
    feeds,
  );
  for (const [i, d] of differences.entries())
    if (!(d <= tolerance))
      throw new Error(`${subject.operator} ${subject.shape}: ${written[i]?.name} is off by ${d}.`);

  const sessions: Session[] = [];
  for (const timed of [shortened(graph), ...written.map((w) => w.timed)])
    sessions.push(await createSession(timed, { name: subject.operator }));
  const times: number[][] = sessions.map(() => []);
  const { cotangent: _, ...images } = feeds;
  for (let round = -1; round < rounds; round++)
    for (const [i, session] of sessions.entries()) {
      const ms = await cpuOf(() => session.run(i === 0 ? images : feeds));
      if (round >= 0) times[i]?.push(ms);
    }
  for (const session of sessions) await session.release();
  const [forward, ...others] = times.map(median) as [number, ...number[]];
  return written.map(({ name, note = '' }, i) => {
    const ms = others[i] as number;
    const { operator, shape } = subject;
    return {
      operator,
      shape,
      formulation: name,
      chosen: chosen[i] as boolean,
      ms,
      forwards: ms / forward,
      difference: differences[i] as number,
      note,
    };
  });
}

/** The operators of a graph with what they do, so that equal ones can be told; names do not count. */
function outline(graph: Graph): string {
  const shapeOf = (name: string): unknown =>
    graph.initializers.get(name)?.shape ?? graph.values.get(name)?.shape;
  return JSON.stringify(prune(graph).nodes.map((n) => [n.op, n.attributes, n.inputs.map(shapeOf)]));
}

/** Each graph's gradients against the first one's. */
async function compare(graphs: readonly Graph[], feeds: Record<string, Tensor>): Promise<number[]> {
  const differences: number[] = [];
  let first: Tensor[] | undefined;
  for (const graph of graphs) {
    const session = await createSession(graph, { name: 'formulation' });
    const all = await session.run(feeds);
    await session.release();
    const gradients = Object.keys(all)
      .filter((name) => name.startsWith('grad_'))
      .map((name) => all[name] as Tensor);
    first ??= gradients;
    const reference = first;
    differences.push(Math.max(...gradients.map((g, i) => relative(g, reference[i] as Tensor))));
  }
  return differences;
}

function relative(found: Tensor, reference: Tensor): number {
  if (found.data.length !== reference.data.length) return Number.POSITIVE_INFINITY;
  let [largest, difference] = [0, 0];
  for (let i = 0; i < found.data.length; i++) {
    largest = Math.max(largest, Math.abs(reference.data[i] as number));
    difference = Math.max(difference, Math.abs((found.data[i] as number) - (reference.data[i] as number)));
  }
  return difference / largest;
}
