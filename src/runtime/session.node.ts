import type { Graph } from '../onnx/index.ts';
import { writeModel } from '../onnx/index.ts';
import type { AnyTensor, DType } from '../tensor/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import type { Session, SessionOptions } from './session.ts';

// The runtime's Linux builds report home unless this is set, on the main thread, before the first session.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

type Ort = typeof import('onnxruntime-node');
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

/** Compiles a graph, or the bytes or the path of a model. @throws AdvarenaError RUNTIME_LOAD */
export async function createSession(
  model: Graph | Uint8Array | string,
  options: SessionOptions,
): Promise<Session> {
  const { InferenceSession, Tensor } = await ort();
  const source = typeof model === 'string' || model instanceof Uint8Array ? model : writeModel(model);
  const settings = {
    intraOpNumThreads: options.threads ?? 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: options.optimization ?? 'all',
    logSeverityLevel: 4 as const,
    executionProviders: [options.device ?? 'cpu'],
    ...(options.optimizedModelPath === undefined
      ? {}
      : { optimizedModelFilePath: options.optimizedModelPath }),
    // Spinning threads burn the cores that other hosts need; the n-bit MatMul rounds activations of int8 models.
    extra: { session: { intra_op: { allow_spinning: '0' }, qdq_matmulnbits_accuracy_level: '0' } },
  };
  let session: Awaited<ReturnType<typeof InferenceSession.create>>;
  try {
    session =
      typeof source === 'string'
        ? await InferenceSession.create(source, settings)
        : await InferenceSession.create(source, settings);
  } catch (cause) {
    throw new AdvarenaError('RUNTIME_LOAD', `ONNX Runtime refuses the model: ${(cause as Error).message}`, {
      where: options.name,
      remedy: 'Check that the operators and opset of the model are supported by ONNX Runtime.',
      cause,
    });
  }
  return {
    async run(inputs, outputs) {
      const feeds: Record<string, InstanceType<typeof Tensor>> = {};
      for (const [name, t] of Object.entries(inputs))
        feeds[name] = new Tensor(t.dtype as 'float32', t.data as Float32Array, t.shape as number[]);
      try {
        const results = await (outputs === undefined
          ? session.run(feeds)
          : session.run(feeds, outputs as string[]));
        const out: Record<string, AnyTensor> = {};
        for (const [name, t] of Object.entries(results)) out[name] = fromRuntime(t);
        return out;
      } catch (cause) {
        throw new AdvarenaError('RUNTIME_RUN', `ONNX Runtime failed: ${(cause as Error).message}`, {
          where: options.name,
          cause,
        });
      }
    },
    release: () => session.release(),
  };
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
