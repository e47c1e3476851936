import { z } from 'zod';
import { gradient } from '../../autodiff/index.ts';
import { type GradientAnswer, isStaged, type Stage } from '../../models/index.ts';
import { createSession, type Session } from '../../runtime/index.ts';
import type { Images, Tensor } from '../../tensor/index.ts';
import { defineView } from '../view.ts';

/**
 * Backward pass differentiable approximation: forward through the stages as they are, backward through their
 * differentiable twins, or through the identity where a stage has none or it is asked for. A model without stages is
 * left as it is.
 */
export const bpda = defineView({
  name: 'bpda',
  title: 'Backward pass differentiable approximation',
  paper: 'Athalye et al. 2018, arXiv:1802.00420, section 4.1',
  options: z.strictObject({
    backward: z
      .enum(['surrogate', 'identity'])
      .default('surrogate')
      .describe("gradient of a stage: its differentiable twin's, or the identity"),
  }),
  wrap(model, options) {
    if (!isStaged(model)) return model;
    const { network, stages } = model;
    const compiled = new Map<Stage, Promise<Session>>();
    const pullBack = async (stage: Stage, input: Images, cotangent: Images): Promise<Images> => {
      if (options.backward === 'identity' || stage.surrogate === undefined) return cotangent;
      let session = compiled.get(stage);
      if (session === undefined) {
        const graph = stage.surrogate(model.input);
        const of = graph.outputs[0]?.name as string;
        session = createSession(gradient(graph, { of, wrt: ['images'], cotangent: 'input', keep: [] }), {
          name: `the surrogate of ${stage.name}`,
        });
        compiled.set(stage, session);
      }
      const out = await (await session).run({ images: input, cotangent });
      return out['grad_images'] as Tensor;
    };
    return {
      ...model,
      async gradient(q, objective, given) {
        const inputs: Images[] = [];
        let { images } = q;
        for (const stage of stages) {
          inputs.push(images);
          images = await stage.apply({ ...q, images });
        }
        const answer: GradientAnswer = await network.gradient({ ...q, images }, objective, given);
        let cotangent = answer.gradient;
        for (const [i, stage] of [...stages.entries()].toReversed())
          cotangent = await pullBack(stage, inputs[i] as Images, cotangent);
        return { ...answer, gradient: cotangent };
      },
      async release() {
        const open = [...compiled.values()];
        compiled.clear();
        for (const s of open) await (await s).release();
        await model.release();
      },
    };
  },
});
