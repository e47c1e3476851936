import { parseSync } from 'oxc-parser';
import { filesUnder, readText } from './sources.ts';

/** A place of the sources that throws an error, or makes one: the call that knows what it says. */
export interface ErrorPlace {
  /** File and line. */
  at: string;
  codes: string[];
  /** Runs of text without an expression in them: of the message, and of the remedy. */
  message: string[];
  remedy: string[];
}

/** As oxc-parser gives them. */
export interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

/** Of a maker of errors: the parameter that each part is, or the expression that it is made of. */
type Part = number | Node | undefined;
interface Maker {
  file: string;
  code: Part;
  message: Part;
  remedy: Part;
}

export const isCode = (text: string): boolean => /^[A-Z][A-Z0-9]+(_[A-Z0-9]+)*$/.test(text);

/**
 * All places of the sources that make an `AdvarenaError`. A function that gets code, message or remedy as a parameter
 * makes none itself: those who call it do.
 */
export function errorPlaces(): ErrorPlace[] {
  const files = filesUnder('src')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('/generated/'))
    .map((file) => ({ file, source: readText(file) }))
    .map(({ file, source }) => ({ file, source, ...nodesOf(file, source) }));
  const makers = new Map<string, Maker>([
    // `details` of the base class is the third argument, and the remedy a key of it.
    ['AdvarenaError', { file: '', code: 0, message: 1, remedy: 2 }],
  ]);
  const places = new Map<string, ErrorPlace>();
  // A maker may call another: a pass finds those of one more level.
  for (let known = 0; known < makers.size; ) {
    known = makers.size;
    places.clear();
    for (const { file, source, nodes, parents } of files)
      for (const node of nodes) {
        const name = calleeOf(node, parents);
        const maker = name === undefined ? undefined : makers.get(name);
        if (
          maker === undefined ||
          (maker.file !== '' && maker.file !== file && node.type === 'CallExpression')
        )
          continue;
        const args = node['arguments'] as Node[];
        const at = (part: Part): Node | undefined => (typeof part === 'number' ? args[part] : part);
        const code = at(maker.code);
        const message = at(maker.message);
        const remedy = remedyIn(at(maker.remedy));
        const around = enclosing(node, parents);
        const passed = (part: Node | undefined): Part =>
          around === undefined || part === undefined ? part : parameterOf(around, part);
        const own = { file, code: passed(code), message: passed(message), remedy: passed(remedy) };
        if (around !== undefined && [own.code, own.message, own.remedy].some((p) => typeof p === 'number')) {
          makers.set(around.name, own);
          continue;
        }
        const within = around?.node;
        const line = source.slice(0, node.start).split('\n').length;
        places.set(`${file}:${line}`, {
          at: `${file}:${line}`,
          codes: textsOf(code, nodes, within).filter(isCode),
          message: textsOf(message, nodes, within),
          remedy: textsOf(remedy, nodes, within),
        });
      }
  }
  return [...places.values()];
}

/** What makes an error at a node: the class that is newed, a function that is called, the class above by `super`. */
function calleeOf(node: Node, parents: Map<Node, Node>): string | undefined {
  if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return undefined;
  const callee = node['callee'] as Node;
  if (callee.type === 'Identifier') return callee['name'] as string;
  if (callee.type !== 'Super') return undefined;
  for (let up: Node | undefined = node; up !== undefined; up = parents.get(up))
    if (up.type === 'ClassDeclaration') return (up['superClass'] as Node)['name'] as string | undefined;
  return undefined;
}

/** The expression of the key `remedy` where details are an object; anything else is the remedy itself. */
function remedyIn(node: Node | undefined): Node | undefined {
  if (node?.type !== 'ObjectExpression') return node;
  const property = (node['properties'] as Node[]).find(
    (p) => (p['key'] as Node | undefined)?.['name'] === 'remedy',
  );
  return property === undefined
    ? (node['properties'] as Node[]).find((p) => p.type === 'SpreadElement')
    : (property['value'] as Node);
}

interface Around {
  name: string;
  node: Node;
  params: Node[];
}

/** The nearest function around a node that has a name to be called by; of a constructor, that of its class. */
function enclosing(node: Node, parents: Map<Node, Node>): Around | undefined {
  for (let up = parents.get(node); up !== undefined; up = parents.get(up)) {
    const above = parents.get(up);
    const params = (up['params'] ?? []) as Node[];
    if (up.type === 'FunctionDeclaration')
      return { name: (up['id'] as Node)['name'] as string, node: up, params };
    if (up.type === 'ArrowFunctionExpression' && above?.type === 'VariableDeclarator')
      return { name: (above['id'] as Node)['name'] as string, node: up, params };
    if (up.type === 'FunctionExpression' && above?.['kind'] === 'constructor') {
      const owner = parents.get(parents.get(above) as Node) as Node;
      return { name: (owner['id'] as Node)['name'] as string, node: up, params };
    }
  }
  return undefined;
}

/** The index of the parameter that an expression is, or else the expression. */
function parameterOf({ params }: Around, node: Node): Part {
  if (node.type !== 'Identifier') return node;
  const index = params.findIndex((p) => {
    const plain = p.type === 'AssignmentPattern' ? (p['left'] as Node) : p;
    return plain['name'] === node['name'];
  });
  return index < 0 ? node : index;
}

/**
 * Texts that an expression may come to, and those that its names were declared as in the same function. What is tested
 * or called on the way says nothing of them.
 */
function textsOf(node: Node | undefined, nodes: readonly Node[], within: Node | undefined): string[] {
  const found: string[] = [];
  const { start, end } = within ?? { start: 0, end: Number.POSITIVE_INFINITY };
  const seen = new Set<Node>();
  const look = (at: unknown): void => {
    const one = at as Node | null | undefined;
    if (one === null || one === undefined || seen.has(one)) return;
    seen.add(one);
    const { type, value } = one;
    if (type === 'Literal' && typeof value === 'string') found.push(value);
    if (type === 'TemplateElement') found.push((value as { cooked: string }).cooked);
    if (type === 'Identifier')
      for (const n of nodes)
        if (n.type === 'VariableDeclarator' && n.start >= start && n.end <= end)
          if (namesIn(n['id'] as Node).includes(one['name'] as string)) look(n['init']);
    for (const part of parts[type] ?? []) for (const inner of [one[part]].flat()) look(inner);
  };
  look(node);
  return found;
}

/** Where the parts of an expression are that it may come to. */
const parts: Record<string, readonly string[]> = {
  TemplateLiteral: ['quasis', 'expressions'],
  ConditionalExpression: ['consequent', 'alternate'],
  LogicalExpression: ['left', 'right'],
  ArrayExpression: ['elements'],
  ObjectExpression: ['properties'],
  Property: ['value'],
  MemberExpression: ['object'],
  SpreadElement: ['argument'],
  ParenthesizedExpression: ['expression'],
  TSAsExpression: ['expression'],
  TSSatisfiesExpression: ['expression'],
};

function namesIn(pattern: Node): string[] {
  const found: string[] = [];
  walk(pattern, (n) => {
    if (n.type === 'Identifier') found.push(n['name'] as string);
  });
  return found;
}

/** All nodes of a module and what each stands in. */
function nodesOf(file: string, source: string) {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const nodes: Node[] = [];
  const parents = new Map<Node, Node>();
  walk(program as unknown as Node, (node, parent) => {
    nodes.push(node);
    if (parent !== undefined) parents.set(node, parent);
  });
  return { nodes, parents };
}

/** Calls `visit` for a node and all below it; what stands for types alone is left out. */
export function walk(node: Node, visit: (node: Node, parent?: Node) => void, parent?: Node): void {
  visit(node, parent);
  for (const [key, child] of Object.entries(node))
    for (const one of key === 'typeAnnotation' ? [] : [child].flat())
      if (one !== null && typeof one === 'object' && typeof (one as Node).type === 'string')
        walk(one as Node, visit, node);
}
