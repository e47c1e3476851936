import { createRequire } from 'node:module';
import type { Graph } from '../onnx/index.ts';
import { writeParts } from '../onnx/index.ts';
import type { AnyTensor, DType } from '../tensor/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { compared } from './compared.ts';
import { checkDevice, explainDevice } from './device.node.ts';
import { checkFeeds, checkWanted } from './feeds.ts';
import type { Device, Session, SessionOptions, TensorInfo } from './session.ts';
import { forWebGpu, webGpu } from './webgpu.ts';

// The runtime's Linux builds report home unless this is set, on the main thread, before the first session.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

type Ort = typeof import('onnxruntime-node');
type OrtSession = Awaited<ReturnType<Ort['InferenceSession']['create']>>;
let loaded: Promise<Ort> | undefined;

/** The one door to ONNX Runtime: loaded at the first session, so that importing this package costs nothing. */
function ort(): Promise<Ort> {
  loaded ??= import('onnxruntime-node').then((module) => {
    const runtime = (module as unknown as { default?: Ort }).default ?? module;
    runtime.env.logLevel = 'error';
    return runtime;
  });
  return loaded;
}

/** Of the installed ONNX Runtime, which is not loaded for it. */
export function runtimeVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('onnxruntime-node/package.json') as { version: string }).version;
}

/**
 * Compiles a graph, or the bytes or the path of a model (by path, data in files beside it is found). What another
 * device than the CPU computes is compared with the CPU: see {@link compared}.
 * @throws AdvarenaError RUNTIME_LOAD for what is no model or not supported, DEVICE where the device is not there
 */
export async function createSession(
  model: Graph | Uint8Array | string,
  options: SessionOptions,
): Promise<Session> {
  const session = await open(model, options);
  const { optimizedModelPath: _, device = 'cpu', ...rest } = options;
  if (device === 'cpu') return session;
  return compared(session, () => open(model, rest), { name: options.name, device });
}

async function open(model: Graph | Uint8Array | string, options: SessionOptions): Promise<Session> {
  const runtime = await ort();
  const device = options.device ?? 'cpu';
  checkDevice(device, runtime.listSupportedBackends(), options.name);
  const session = await compile(runtime, model, options).catch((cause: unknown) => {
    throw loadError(cause, options.name, device);
  });
  const inputs = described(session.inputMetadata);
  const outputs = described(session.outputMetadata);
  let released = false;
  return {
    inputs,
    outputs,
    async run(feeds, wanted, into = {}) {
      checkFeeds(feeds, inputs, options.name);
      if (wanted !== undefined) checkWanted(wanted, outputs, options.name);
      const given = Object.entries(feeds).map(([name, t]) => [name, toRuntime(runtime, t)] as const);
      try {
        const names = wanted ?? outputs.map((o) => o.name);
        const places = names.map(
          (name) =>
            [name, Object.hasOwn(into, name) ? toRuntime(runtime, into[name] as AnyTensor) : null] as const,
        );
        const results = await session.run(Object.fromEntries(given), Object.fromEntries(places));
        return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, fromRuntime(t)]));
      } catch (cause) {
        if (released)
          throw new AdvarenaError('RUNTIME_RELEASED', 'The session was released before this run.', {
            where: options.name,
            remedy: 'Create a new session, or release this one after its last run.',
          });
        throw new AdvarenaError('RUNTIME_RUN', `ONNX Runtime failed: ${firstLine(cause)}`, {
          where: options.name,
          remedy: `Check that the shapes of the inputs suit each other and that memory suffices${device === 'cpu' ? '' : ', or use the device cpu: it has more operators'}.`,
          broken: true,
          cause,
        });
      }
    },
    async release() {
      if (released) return;
      released = true;
      await session.release();
    },
  };
}

function compile(
  runtime: Ort,
  model: Graph | Uint8Array | string,
  options: SessionOptions,
): Promise<OrtSession> {
  const { device = 'cpu' } = options;
  const isGraph = typeof model !== 'string' && !(model instanceof Uint8Array);
  const { graph, provider } =
    device !== 'webgpu'
      ? { graph: model, provider: device }
      : isGraph
        ? forWebGpu(model)
        : { graph: model, provider: webGpu() };
  const settings = {
    intraOpNumThreads: options.threads ?? 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: options.optimization ?? 'all',
    logSeverityLevel: 4 as const,
    executionProviders: [provider],
    ...(options.optimizedModelPath === undefined
      ? {}
      : { optimizedModelFilePath: options.optimizedModelPath }),
    // Spinning threads burn the cores that other hosts need; the n-bit MatMul rounds activations of int8 models.
    extra: { session: { intra_op: { allow_spinning: '0' }, qdq_matmulnbits_accuracy_level: '0' } },
  };
  if (typeof graph === 'string') return runtime.InferenceSession.create(graph, settings);
  if (graph instanceof Uint8Array) return runtime.InferenceSession.create(graph, settings);
  const { model: bytes, weights } = writeParts(graph);
  return runtime.InferenceSession.create(bytes, { ...settings, externalData: weights });
}

/** Says in our words what the runtime's message means, where that is known. */
function loadError(cause: unknown, where: string, device: Device): AdvarenaError {
  const message = firstLine(cause);
  const known: [RegExp, (match: RegExpExecArray) => [string, string]][] = [
    [/File doesn't exist/, () => ['The file of the model does not exist.', 'Check the path.']],
    [
      /protobuf parsing failed/i,
      () => ['This is not an ONNX model, or the file is cut short.', 'Export or copy the model again.'],
    ],
    [
      /Unsupported data type: (\d+)/,
      ([, number]) => [
        `An input or output has the element type ${number === '16' ? 'bfloat16' : `number ${number}`}, which cannot be passed to ONNX Runtime from JavaScript.`,
        'Export the model with float32 or float16 inputs and outputs.',
      ],
    ],
    [
      /No Op registered for (\S+)|(?:Fatal error: )?(\S+?)(?:\(-?\d+\))? is not a registered function/,
      ([, standard, custom]) => [
        `ONNX Runtime has no operator ${standard ?? custom}.`,
        'Export the model with standard operators, of opset 7 to 26.',
      ],
    ],
  ];
  for (const [pattern, say] of known) {
    const match = pattern.exec(message);
    if (match === null) continue;
    const [sentence, remedy] = say(match);
    return new AdvarenaError('RUNTIME_LOAD', sentence, { where, remedy, cause });
  }
  if (device !== 'cpu') return explainDevice(device, message, where, cause);
  return new AdvarenaError('RUNTIME_LOAD', `ONNX Runtime refuses the model: ${message}`, {
    where,
    remedy: 'Check that the operators and opset of the model are supported by ONNX Runtime.',
    cause,
  });
}

/** The first line of the runtime's message, without the place in its own sources. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split('\n').find((l) => l.trim() !== '') ?? 'no reason given';
  return line.replace(/^\/\S+\.(?:cc|h):\d+ (?:[^()]*\([^()]*\)(?:::<lambda\(\)>)? )?/, '').trim();
}

function described(metadata: OrtSession['inputMetadata']): TensorInfo[] {
  // Sequences and maps (the ZipMap of table models) are no tensors and cannot be passed.
  return metadata.flatMap((m) =>
    m.isTensor ? { name: m.name, dtype: m.type as DType, shape: m.shape } : [],
  );
}

function toRuntime(runtime: Ort, t: AnyTensor): InstanceType<Ort['Tensor']> {
  const dims = t.shape as number[];
  if (t.dtype !== 'float16') return new runtime.Tensor(t.dtype as 'float32', t.data as Float32Array, dims);
  // The tensor class makes a Float16Array of these bits, which the native side reads as empty; it reads the bits.
  const bits = new runtime.Tensor('uint16', t.data, dims);
  return Object.defineProperty(bits, 'type', { value: 'float16' });
}

function fromRuntime(t: { type: string; data: unknown; dims: readonly number[] }): AnyTensor {
  let data = t.data as AnyTensor['data'];
  // Newer engines hand 16-bit floats out as numbers; tensors here keep their bits.
  if (t.type === 'float16' && !(data instanceof Uint16Array)) {
    const view = data as unknown as { buffer: ArrayBuffer; byteOffset: number; length: number };
    data = new Uint16Array(view.buffer, view.byteOffset, view.length);
  }
  return { dtype: t.type as DType, shape: [...t.dims], data } as AnyTensor;
}
