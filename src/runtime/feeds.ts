import type { AnyTensor } from '../tensor/index.ts';
import { AdvarenaError, sizeOf, unknownName } from '../tensor/index.ts';
import type { TensorInfo } from './session.ts';

/**
 * Compares what is fed with what the model declares. The runtime ignores superfluous names without a word and
 * its own messages do not say which input has the wrong type.
 * @throws AdvarenaError RUNTIME_INPUT
 */
export function checkFeeds(
  feeds: Readonly<Record<string, AnyTensor>>,
  inputs: readonly TensorInfo[],
  where: string,
): void {
  const names = inputs.map((i) => i.name);
  for (const name of Object.keys(feeds))
    if (!names.includes(name))
      throw new AdvarenaError('RUNTIME_INPUT', unknownName('input', name, names), {
        where,
        remedy: 'Feed the inputs of the model under their own names.',
      });
  for (const input of inputs) checkFeed(feeds[input.name], input, where);
}

function checkFeed(fed: AnyTensor | undefined, input: TensorInfo, where: string): void {
  const expected = `${input.dtype}${input.shape.length === 0 ? '' : ` [${input.shape.map((d) => (d === '' ? '?' : d)).join(', ')}]`}`;
  const refuse = (received: string): never => {
    throw new AdvarenaError(
      'RUNTIME_INPUT',
      `The input "${input.name}" is ${expected}, but received ${received}.`,
      { where, remedy: 'Feed every input of the model with a tensor of its type and shape.' },
    );
  };
  if (fed === undefined) return refuse('nothing');
  const received = `${fed.dtype} [${fed.shape.join(', ')}]`;
  if (fed.dtype !== input.dtype) return refuse(received);
  // A scalar and an undeclared shape read the same, so an empty shape allows any.
  const free = input.shape.length === 0;
  if (!free && fed.shape.length !== input.shape.length) return refuse(received);
  if (!free && input.shape.some((d, i) => typeof d === 'number' && d !== fed.shape[i]))
    return refuse(received);
  if (fed.data.length !== sizeOf(fed.shape)) return refuse(`${received} with ${fed.data.length} elements`);
}

/** @throws AdvarenaError RUNTIME_OUTPUT for a name that is no output of the model */
export function checkWanted(wanted: readonly string[], outputs: readonly TensorInfo[], where: string): void {
  const names = outputs.map((o) => o.name);
  for (const name of wanted)
    if (!names.includes(name))
      throw new AdvarenaError('RUNTIME_OUTPUT', unknownName('output', name, names), {
        where,
        remedy: 'Ask for outputs of the model by their own names.',
      });
}
