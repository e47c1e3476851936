import type { AttributeInput, Graph, Node } from '../../src/onnx/index.ts';
import { GraphBuilder } from '../../src/onnx/index.ts';
import type { AnyTensor, DType } from '../../src/tensor/index.ts';
import { int64, scalar, sizeOf, tensor } from '../../src/tensor/index.ts';

/** Where a generator's choices come from. */
export interface Draw {
  /** A whole number of [low, high]. */
  int(low: number, high: number): number;
}

/** A float tensor that the gradient is taken for: uniform in [low, high]. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
}

export interface ProgramOptions {
  readonly dtype: 'float32' | 'float64';
  readonly opset: number;
  /** Shape of the input x. */
  readonly shape: readonly number[];
  /** Whether the first axis of x is the free symbol N. */
  readonly free: boolean;
}

/**
 * A graph while it is drawn. It is kept in two forms, with numbers and with the batch axis free, so that operators
 * are drawn to fit in both.
 */
export class Program {
  readonly draw: Draw;
  readonly options: ProgramOptions;
  readonly input: Parameter;
  readonly parameters: Parameter[] = [];
  private readonly nodes: Node[] = [];
  private readonly constants = new Map<string, AnyTensor>();
  private readonly sized: GraphBuilder;
  private readonly open: GraphBuilder;

  constructor(draw: Draw, options: ProgramOptions) {
    this.draw = draw;
    this.options = options;
    const { dtype, opset, shape, free } = options;
    this.input = { name: 'x', shape, low: -1.5, high: 1.5 };
    this.sized = new GraphBuilder(undefined, { opset });
    this.open = new GraphBuilder(undefined, { opset });
    this.sized.input('x', dtype, shape);
    this.open.input('x', dtype, free ? ['N', ...shape.slice(1)] : shape);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.draw.int(0, choices.length - 1)] as T;
  }

  /** True in one of `of` cases. */
  rarely(of: number): boolean {
    return this.draw.int(1, of) === of;
  }

  shape(name: string): readonly number[] {
    const sizes = this.sized.sizes(name);
    if (sizes === undefined) throw new Error(`the shape of ${name} is not known`);
    return sizes;
  }

  /** Whether an axis has a size that only the run knows. */
  isOpen(name: string, axis: number): boolean {
    return typeof this.open.shape(name)?.[axis] !== 'number';
  }

  /** Axes of a known size. */
  closedAxes(name: string): number[] {
    return this.shape(name).flatMap((_, axis) => (this.isOpen(name, axis) ? [] : [axis]));
  }

  op(
    op: string,
    inputs: readonly (string | undefined)[],
    attributes: Readonly<Record<string, AttributeInput | undefined>> = {},
    domain = '',
  ): string {
    return this.node(op, inputs, attributes, 1, domain)[0] as string;
  }

  node(
    op: string,
    inputs: readonly (string | undefined)[],
    attributes: Readonly<Record<string, AttributeInput | undefined>>,
    outputs: number,
    domain = '',
  ): string[] {
    const names = this.sized.node(op, inputs, attributes, { domain, outputs });
    const node = this.sized.nodes.at(-1) as Node;
    this.open.append(node);
    this.nodes.push(node);
    return names;
  }

  weight(shape: readonly number[], low = -1, high = 1): string {
    const name = this.sized.unique(`w${this.parameters.length}`);
    this.open.unique(name);
    for (const b of [this.sized, this.open]) b.declare(name, { dtype: this.options.dtype, shape });
    this.parameters.push({ name, shape, low, high });
    return name;
  }

  constant(value: AnyTensor): string {
    const name = this.sized.constant(value);
    // The other form is to know its contents under the same name.
    if (!this.constants.has(name)) {
      const b = new GraphBuilder({
        ...emptyGraph(this.options.opset),
        initializers: new Map([[name, value]]),
      });
      this.open.include(b.finish(), {}, '');
    }
    this.constants.set(name, value);
    return name;
  }

  ints(values: readonly number[]): string {
    return this.constant(int64(values));
  }

  scalar(value: number, dtype: Exclude<DType, 'string'> = this.options.dtype): string {
    return this.constant(scalar(value, dtype));
  }

  /** @param given whether the parameters are inputs; else they are constants of these values */
  graph(of: string, given: 'inputs' | Readonly<Record<string, AnyTensor>>): Graph {
    const { dtype, opset, shape, free } = this.options;
    const inputs = [{ name: 'x', dtype, shape: free ? ['N', ...shape.slice(1)] : shape }];
    const initializers = new Map(this.constants);
    for (const p of this.parameters) {
      if (given === 'inputs') inputs.push({ name: p.name, dtype, shape: p.shape });
      else initializers.set(p.name, given[p.name] as AnyTensor);
    }
    const graph: Graph = {
      ...emptyGraph(opset),
      nodes: this.nodes,
      inputs,
      initializers,
      opsets: new Map(this.open.finish().opsets),
    };
    const b = new GraphBuilder(graph);
    b.output(of);
    return b.finish();
  }

  /** The nodes as text, for reports. */
  get text(): string {
    return this.nodes
      .map((n) => {
        const attributes = Object.entries(n.attributes).map(([k, a]) => `${k}=${JSON.stringify(a.value)}`);
        const inputs = n.inputs.map((i) => {
          const c = this.constants.get(i);
          if (c === undefined) return i === '' ? '-' : `${i}[${this.shape(i).join()}]`;
          return `${[...(c.data as Iterable<unknown>)].slice(0, 24).join()}:${c.shape.join('×')}`;
        });
        return `${n.outputs.join()} = ${n.op}(${inputs.join(', ')}) ${attributes.join(' ')}`;
      })
      .join('\n');
  }

  get operators(): string[] {
    return this.nodes.map((n) => n.op);
  }
}

function emptyGraph(opset: number): Graph {
  return {
    name: 'random',
    nodes: [],
    inputs: [],
    outputs: [],
    initializers: new Map(),
    values: new Map(),
    opsets: new Map([['', opset]]),
    functions: [],
    metadata: {},
  };
}

/** Numbers of [0, 1), equal for equal seeds (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function floatTensor(values: ArrayLike<number>, shape: readonly number[], dtype: DType): AnyTensor {
  return dtype === 'float64'
    ? tensor<'float64'>(Float64Array.from(values), shape, 'float64')
    : tensor(Float32Array.from(values), shape);
}

export function drawn(p: Parameter, next: () => number): Float64Array {
  return Float64Array.from({ length: sizeOf(p.shape) }, () =>
    // To float32, so that both types hold the same point.
    Math.fround(p.low + (p.high - p.low) * next()),
  );
}
