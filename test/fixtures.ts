import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gradient } from '../src/autodiff/index.ts';
import type { Graph } from '../src/onnx/index.ts';
import { readModel } from '../src/onnx/index.ts';
import { createSession, type Device } from '../src/runtime/index.ts';
import type { AnyTensor, DType } from '../src/tensor/index.ts';
import { AdvarenaError, numbers, readNpy, tensor, toHalf } from '../src/tensor/index.ts';

/** Folder of the shared fixtures; a checkout without them skips the tests that need it. */
export const gradientCases = path.join(
  process.env['ADVARENA_SHARED'] ?? '../shared',
  'fixtures',
  'gradients',
);

/** What `case.json` of a gradient fixture says; its README has the rest. */
export interface GradientCase {
  name: string;
  opset: number;
  operators: string[];
  tolerance: number;
  group: 'basic' | 'network' | 'coverage' | 'quantised';
  inputs: { name: string; file: string; gradient: string | null }[];
  initializers: Record<string, string>;
  output: string;
}

export interface CaseResult {
  readonly name: string;
  readonly group: GradientCase['group'];
  /** The first line of what went wrong; undefined where the case passes. */
  readonly failure: string | undefined;
}

/** Names of the cases, all of them or those with the prefix; none where the fixtures are absent. */
export function caseNames(prefix = ''): string[] {
  if (!existsSync(gradientCases)) return [];
  return readdirSync(gradientCases, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix))
    .map((entry) => entry.name)
    .toSorted();
}

export function readCase(name: string): GradientCase {
  return JSON.parse(readFileSync(path.join(gradientCases, name, 'case.json'), 'utf8')) as GradientCase;
}

export function caseGraph(name: string): Graph {
  const folder = path.join(gradientCases, name);
  return readModel(readFileSync(path.join(folder, 'model.onnx')), {
    name,
    external: (location, { offset, length }) =>
      readFileSync(path.join(folder, location)).subarray(offset, offset + length),
  });
}

export function caseTensor(name: string, file: string): AnyTensor {
  return readNpy(readFileSync(path.join(gradientCases, name, file)));
}

/**
 * Runs one case in the runtime and compares its output and its gradients, those of weights too, with the references:
 * within the case's tolerance, or another where that is larger. Never throws.
 */
export async function runGradientCase(
  name: string,
  { device = 'cpu', tolerance = 0 }: { device?: Device; tolerance?: number } = {},
): Promise<CaseResult> {
  const about = readCase(name);
  const allowed = { ...about, tolerance: Math.max(about.tolerance, tolerance) };
  const failure = await compareGradients(allowed, device).catch((error: unknown) => {
    const where = error instanceof AdvarenaError && error.where !== undefined ? ` (${error.where})` : '';
    return `${(error as Error).message.split('\n')[0]}${where}`;
  });
  return { name, group: about.group, failure };
}

/** The same for a host: drivers of graphics cards crash. */
export function gradientJob(data: unknown): Promise<CaseResult> {
  const { name, ...options } = data as { name: string; device: Device; tolerance: number };
  return runGradientCase(name, options);
}

async function compareGradients(about: GradientCase, device: Device): Promise<string | undefined> {
  const { name } = about;
  const graph = caseGraph(name);
  const references = new Map(Object.entries(about.initializers));
  for (const input of about.inputs) if (input.gradient !== null) references.set(input.name, input.gradient);
  const wrt = [...references.keys()];
  const result = gradient(graph, { of: about.output, wrt, cotangent: 'input', keep: [about.output] });
  const feeds: Record<string, AnyTensor> = {};
  for (const input of about.inputs) feeds[input.name] = caseTensor(name, input.file);
  const cotangent = result.inputs.find((i) => !(i.name in feeds));
  if (cotangent !== undefined)
    feeds[cotangent.name] = castTo(caseTensor(name, 'cotangent.npy'), cotangent.dtype);
  for (const unread of Object.keys(feeds))
    if (!result.inputs.some((i) => i.name === unread)) delete feeds[unread];
  const session = await createSession(result, { name, device });
  try {
    const outputs = await session.run(feeds);
    // A rewritten operator must still compute what it stands for.
    const error = relativeError(outputs[about.output] as AnyTensor, caseTensor(name, 'output.npy'));
    if (!(error <= about.tolerance)) return `output ${about.output} is off by ${error.toExponential(2)}`;
    for (const [i, of] of wrt.entries()) {
      const found = outputs[result.outputs[i + 1]?.name ?? ''] as AnyTensor;
      const reference = caseTensor(name, references.get(of) as string);
      if (found.shape.join() !== reference.shape.join())
        return `gradient of ${of} has shape [${found.shape.join()}] instead of [${reference.shape.join()}]`;
      const error = relativeError(found, reference);
      if (!(error <= (isZero(reference) ? 1e-6 : about.tolerance)))
        return `gradient of ${of} is off by ${error.toExponential(2)}`;
    }
    return undefined;
  } finally {
    await session.release();
  }
}

function isZero(t: AnyTensor): boolean {
  return numbers(t).every((v) => v === 0);
}

/** ‖found − reference‖₂ / ‖reference‖₂; the plain norm where the reference is zero. */
export function relativeError(found: AnyTensor, reference: AnyTensor): number {
  const a = numbers(found);
  const b = numbers(reference);
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += ((a[i] as number) - (b[i] as number)) ** 2;
    norm += (b[i] as number) ** 2;
  }
  return norm === 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
}

function castTo(t: AnyTensor, dtype: DType): AnyTensor {
  if (dtype === t.dtype) return t;
  const values = numbers(t);
  if (dtype === 'float64') return tensor(Float64Array.from(values), t.shape, 'float64');
  if (dtype === 'float16') return tensor(Uint16Array.from(values, toHalf), t.shape, 'float16');
  throw new Error(`no cotangent of type ${dtype}`);
}
