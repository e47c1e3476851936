import type { AnyTensor, DType } from '../tensor/index.ts';
import { AdvarenaError, int64, scalar, tensor } from '../tensor/index.ts';
import { type AttributeInput, attribute } from './attribute-input.ts';
import { concrete } from './dims.ts';
import type { Attribute, Dim, Graph, GraphFunction, Node, Shape, ValueInfo, ValueType } from './graph.ts';
import { nodeLabel } from './graph.ts';
import { integerContents } from './op.ts';
import { operators } from './ops/index.ts';
import { namesIn, renameSubgraphs } from './traverse.ts';

export interface NodeOptions {
  domain?: string;
  /** Start of the names given to the node and its outputs; the operator by default. */
  name?: string;
  /** How many outputs; 1 by default. Names of outputs can be forced with an array. */
  outputs?: number | readonly string[];
}

/** The opset of graphs that the project makes itself. */
export const defaultOpset = 18;

/**
 * Grows a graph node by node. Tensors are handled by their names; types and shapes are inferred as nodes
 * come, a base graph's too. `finish` gives an immutable graph; the builder may go on after it.
 */
export class GraphBuilder {
  private readonly name: string;
  private readonly nodeList: Node[] = [];
  private readonly inputList: ValueInfo[] = [];
  private outputNames: string[] = [];
  private readonly initializerMap = new Map<string, AnyTensor>();
  private readonly types = new Map<string, ValueType>();
  private readonly known = new Map<string, readonly Dim[]>();
  private readonly opsetMap: Map<string, number>;
  private readonly functionList: GraphFunction[];
  private readonly metadata: Record<string, string>;
  private readonly taken = new Set<string>();
  private readonly nodeNames = new Set<string>();
  private readonly counters = new Map<string, number>();
  private readonly constants = new Map<string, string>();
  private readonly initializerNames = new Map<AnyTensor, string>();
  private symbols = 0;

  constructor(base?: Graph, options: { opset?: number; name?: string } = {}) {
    this.name = options.name ?? base?.name ?? 'graph';
    this.opsetMap = new Map(base?.opsets ?? [['', options.opset ?? defaultOpset]]);
    this.functionList = [...(base?.functions ?? [])];
    this.metadata = { ...base?.metadata };
    if (base === undefined) return;
    for (const name of namesIn(base)) this.taken.add(name);
    for (const [name, t] of base.initializers) this.setInitializer(name, t);
    for (const input of base.inputs) this.setInput(input);
    for (const [name, type] of base.values) this.types.set(name, type);
    for (const type of [...base.values.values(), ...base.inputs, ...base.outputs])
      for (const d of type.shape ?? [])
        for (const [, n] of String(d).matchAll(/\?(\d+)\b(?!:)/g))
          this.symbols = Math.max(this.symbols, Number(n));
    for (const output of base.outputs) if (!this.types.has(output.name)) this.types.set(output.name, output);
    for (const node of base.nodes) this.append(node);
    this.outputNames = base.outputs.map((o) => o.name);
  }

  get nodes(): readonly Node[] {
    return this.nodeList;
  }

  /** The node that makes a tensor; undefined for inputs and constants. */
  maker(name: string): Node | undefined {
    return this.nodeList.find((n) => n.outputs.includes(name));
  }

  /** Version of an operator set; of the standard one by default. */
  opset(domain = ''): number {
    return this.opsetMap.get(domain) ?? 1;
  }

  /** A name not yet used in the graph, `hint` itself if free. */
  unique(hint: string): string {
    if (!this.taken.has(hint)) {
      this.taken.add(hint);
      return hint;
    }
    let n = this.counters.get(hint) ?? 0;
    let name: string;
    do name = `${hint}_${++n}`;
    while (this.taken.has(name));
    this.counters.set(hint, n);
    this.taken.add(name);
    return name;
  }

  /** Declares a graph input; its rank is free where `shape` is undefined. @returns its name, made unique */
  input(name: string, dtype: DType, shape: Shape | undefined): string {
    const unique = this.unique(name);
    this.setInput({ name: unique, dtype, shape });
    return unique;
  }

  /** Adds a constant (an initializer). Small equal constants are shared. */
  constant(value: AnyTensor, hint = 'constant'): string {
    const key =
      value.data.length <= 64
        ? `${value.dtype}[${value.shape.join()}]${Array.from(value.data as ArrayLike<unknown>, (v) => (Object.is(v, -0) ? '-0' : String(v))).join()}`
        : undefined;
    const shared = key === undefined ? undefined : this.constants.get(key);
    if (shared !== undefined) return shared;
    const name = this.unique(hint);
    this.setInitializer(name, value);
    if (key !== undefined) this.constants.set(key, name);
    return name;
  }

  /** A scalar constant (shape []) of the given type. */
  scalar(value: number, dtype: DType = 'float32'): string {
    return this.constant(scalar(value, dtype as Exclude<DType, 'string'>), 'scalar');
  }

  /** A 1-D int64 constant: axes, shapes, sizes. */
  ints(values: readonly number[]): string {
    return this.constant(int64(values), 'ints');
  }

  /** A 1-D float32 constant. */
  floats(values: readonly number[]): string {
    return this.constant(tensor(Float32Array.from(values), [values.length]), 'floats');
  }

  /** Appends a node. @returns the names of its outputs */
  node(
    op: string,
    inputs: readonly (string | undefined)[],
    attributes: Readonly<Record<string, AttributeInput | undefined>> = {},
    options: NodeOptions = {},
  ): string[] {
    const hint = options.name ?? op;
    const outputs =
      typeof options.outputs === 'object'
        ? options.outputs.map((o) => (o === '' ? '' : this.unique(o)))
        : Array.from({ length: options.outputs ?? 1 }, () => this.unique(hint));
    const list = inputs.map((i) => i ?? '');
    while (list.at(-1) === '') list.pop();
    const attrs: Record<string, Attribute> = {};
    for (const [key, value] of Object.entries(attributes))
      if (value !== undefined) attrs[key] = attribute(value);
    this.append({
      op,
      domain: options.domain ?? '',
      name: outputs[0] ?? '',
      inputs: list,
      outputs,
      attributes: attrs,
    });
    return outputs;
  }

  /** Appends a node with one output. @returns the output's name */
  op(
    op: string,
    inputs: readonly (string | undefined)[],
    attributes: Readonly<Record<string, AttributeInput | undefined>> = {},
    name?: string,
  ): string {
    return this.node(op, inputs, attributes, name === undefined ? {} : { name })[0] as string;
  }

  /** Appends a node as it is, but for its own name where another node has it: the runtime takes no two of one name. */
  append(given: Node): void {
    let { name } = given;
    for (let n = 1; name !== '' && this.nodeNames.has(name); n++) name = `${given.name}_${n}`;
    const node = name === given.name ? given : { ...given, name };
    this.nodeNames.add(name);
    for (const o of node.outputs) this.taken.add(o);
    this.nodeList.push(node);
    if (node.domain !== '' && !this.opsetMap.has(node.domain)) this.opsetMap.set(node.domain, 1);
    this.infer(node);
  }

  /**
   * Copies another graph's nodes into this one; a constant that is here already, the same object, is not copied: a
   * network included twice shares its weights. Opsets of the same domain must agree.
   * @param inputs the tensor here that stands for each of the graph's inputs
   * @param prefix start of the names of copied tensors
   * @returns the name here of each of the graph's outputs, in their order
   */
  include(graph: Graph, inputs: Readonly<Record<string, string>>, prefix: string): string[] {
    for (const [domain, version] of graph.opsets) {
      const own = this.opsetMap.get(domain);
      if (own === undefined) this.opsetMap.set(domain, version);
      else if (own !== version)
        throw new Error(
          `cannot join graphs of opset ${own} and ${version} of the domain "${domain}"; upgrade one first`,
        );
    }
    const names = new Map<string, string>();
    for (const input of graph.inputs) {
      const stand = inputs[input.name];
      if (stand === undefined) throw new Error(`the input "${input.name}" of the graph to join is not given`);
      names.set(input.name, stand);
    }
    for (const [name, value] of graph.initializers) {
      const shared = this.initializerNames.get(value);
      const own = shared ?? this.unique(prefix + name);
      names.set(name, own);
      if (shared === undefined) this.setInitializer(own, value);
    }
    const rename = (name: string): string => {
      if (name === '') return '';
      let own = names.get(name);
      if (own === undefined) {
        own = this.unique(prefix + name);
        names.set(name, own);
      }
      return own;
    };
    for (const f of graph.functions)
      if (!this.functionList.some((g) => g.domain === f.domain && g.name === f.name))
        this.functionList.push(f);
    for (const node of graph.nodes) {
      const outputs = node.outputs.map(rename);
      for (let i = 0; i < outputs.length; i++) {
        const type = graph.values.get(node.outputs[i] as string);
        if (type !== undefined && outputs[i] !== '') this.types.set(outputs[i] as string, type);
      }
      this.append({
        ...node,
        name: node.name === '' ? '' : prefix + node.name,
        inputs: node.inputs.map(rename),
        outputs,
        attributes: renameSubgraphs(node.attributes, names),
      });
    }
    return graph.outputs.map((o) => rename(o.name));
  }

  /** Type of a tensor, undefined if unknown. */
  type(name: string): ValueType | undefined {
    return this.types.get(name);
  }

  /** Shape of a tensor, undefined if its rank is unknown. */
  shape(name: string): Shape | undefined {
    return this.types.get(name)?.shape;
  }

  /** Element type of a tensor; float32 if unknown. */
  dtype(name: string): DType {
    return this.types.get(name)?.dtype ?? 'float32';
  }

  /** All sizes of a tensor, undefined if any is a symbol or unknown. */
  sizes(name: string): number[] | undefined {
    return concrete(this.shape(name));
  }

  /** The constant that a tensor is, if it is one. */
  constantValue(name: string): AnyTensor | undefined {
    return this.initializerMap.get(name);
  }

  /** Integers that a tensor holds, possibly symbolic. */
  contents(name: string): readonly Dim[] | undefined {
    return this.known.get(name);
  }

  /** States a tensor's type where inference cannot know it. */
  declare(name: string, type: ValueType): void {
    this.types.set(name, type);
  }

  /** Marks a tensor as graph output; under another name through an Identity if `as` is given and differs. */
  output(name: string, as?: string): string {
    let out = name;
    if (as !== undefined && as !== name)
      out = this.node('Identity', [name], {}, { outputs: [as] })[0] as string;
    this.outputNames.push(out);
    return out;
  }

  /** Makes `names` the graph's only outputs. */
  setOutputs(names: readonly string[]): void {
    this.outputNames = [...names];
  }

  /** The graph as built so far, with the types of all intermediate tensors. */
  finish(): Graph {
    const outputs = new Set(this.outputNames);
    const inputs = new Set(this.inputList.map((i) => i.name));
    const values = new Map<string, ValueType>();
    for (const [name, type] of this.types)
      if (!outputs.has(name) && !inputs.has(name) && !this.initializerMap.has(name)) values.set(name, type);
    return {
      name: this.name,
      nodes: [...this.nodeList],
      inputs: [...this.inputList],
      outputs: this.outputNames.map((name) => ({
        name,
        dtype: this.dtype(name),
        shape: this.shape(name),
      })),
      initializers: new Map(this.initializerMap),
      values,
      opsets: new Map(this.opsetMap),
      functions: [...this.functionList],
      metadata: { ...this.metadata },
    };
  }

  private setInput(input: ValueInfo): void {
    this.taken.add(input.name);
    this.inputList.push(input);
    this.types.set(input.name, { dtype: input.dtype, shape: input.shape });
  }

  private setInitializer(name: string, value: AnyTensor): void {
    this.taken.add(name);
    this.initializerMap.set(name, value);
    this.initializerNames.set(value, name);
    this.types.set(name, { dtype: value.dtype, shape: value.shape });
    const contents = integerContents(value);
    if (contents !== undefined) this.known.set(name, contents);
  }

  private infer(node: Node): void {
    const definition = operators.get(node.domain === '' ? node.op : `${node.domain}.${node.op}`);
    if (definition === undefined) return;
    const at = (i: number): string => node.inputs[i] ?? '';
    // An operator without a definition leaves its output's type unknown: nothing is stated on the strength of a guess.
    let guessed = false;
    const context = {
      node,
      opset: this.opset(node.domain),
      type: (i: number) => this.types.get(at(i)),
      shape: (i: number) => this.types.get(at(i))?.shape,
      dtype: (i: number) => {
        const dtype = this.types.get(at(i))?.dtype;
        guessed ||= dtype === undefined;
        return dtype ?? 'float32';
      },
      constant: (i: number) => this.initializerMap.get(at(i)),
      contents: (i: number) => this.known.get(at(i)),
      ints: (i: number) => concrete(this.known.get(at(i))),
      fresh: () => `?${++this.symbols}`,
    };
    let inferred: readonly (ValueType | undefined)[];
    try {
      inferred = definition.infer(context);
      for (const type of inferred) checkSizes(type?.shape);
      const contents = definition.contents?.(context);
      if (contents !== undefined && node.outputs[0] !== undefined) this.known.set(node.outputs[0], contents);
    } catch (error) {
      // Inputs or attributes of a form that no definition expects.
      const stranger = error instanceof TypeError || error instanceof RangeError;
      const why = stranger ? '' : `: ${(error as Error).message}`;
      throw new AdvarenaError('GRAPH_SHAPE', `${node.op} does not fit what it is given${why}.`, {
        where: `node ${nodeLabel(node)}`,
        remedy: 'Check the model with its exporter: the shapes of its tensors contradict each other.',
        cause: error,
      });
    }
    for (const [i, type] of inferred.entries()) {
      const name = node.outputs[i];
      if (name === undefined || name === '' || type === undefined) continue;
      if (guessed && type.dtype === 'float32') continue;
      this.types.set(name, merge(this.types.get(name), type));
    }
  }
}

/** @throws Error if one of them is no size */
function checkSizes(shape: Shape | undefined): void {
  if (shape?.every((d) => typeof d === 'string' || (d >= 0 && Number.isSafeInteger(d))) === false)
    throw new Error(`a tensor of shape [${shape.join(', ')}] would come out`);
}

/** A declared type keeps what inference could not find. */
function merge(declared: ValueType | undefined, inferred: ValueType): ValueType {
  if (declared?.shape === undefined) return inferred;
  if (inferred.shape === undefined) return { dtype: inferred.dtype, shape: declared.shape };
  if (inferred.shape.length !== declared.shape.length) return inferred;
  const shape = inferred.shape.map((d, i) =>
    typeof d === 'string' && d.includes('?') ? (declared.shape?.[i] ?? d) : d,
  );
  return { dtype: inferred.dtype, shape };
}
