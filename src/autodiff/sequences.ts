import type { GraphBuilder } from '../onnx/index.ts';
import { numbers } from '../tensor/index.ts';

/** A constant position in a sequence of `length` tensors, counted from 0; undefined where it is not constant. */
export function positionIn(b: GraphBuilder, position: string, length: number): number | undefined {
  const constant = b.constantValue(position);
  const known = constant === undefined ? b.contents(position)?.[0] : numbers(constant)[0];
  if (typeof known !== 'number') return undefined;
  return known < 0 ? known + length : known;
}
