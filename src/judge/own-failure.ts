import type { Attack } from '../attacks/index.ts';
import { AdvarenaError } from '../tensor/index.ts';

/** What an entry throws is its own failure, whatever it calls itself. */
export function ownFailure({ name }: Attack, cause: unknown): AdvarenaError {
  const { code, message, remedy } = wordsOf(cause);
  if (code === 'ATTACK_IMAGES')
    return new AdvarenaError(code, message, {
      remedy,
      broken: true,
      cause,
    });
  return new AdvarenaError('ATTACK_FAILED', `The attack ${name} failed: ${message}`, {
    remedy,
    broken: true,
    cause,
  });
}

/** What was thrown, in words: it may be anything, and may throw again where it is read. */
function wordsOf(cause: unknown): { code?: unknown; message: string; remedy: string } {
  const remedy = 'This is a defect of the attack, or its options do not suit the images.';
  try {
    if (!(cause instanceof Error)) return { message: String(cause), remedy };
    const { code, message, remedy: own } = cause as Partial<Record<keyof AdvarenaError, unknown>>;
    return { code, message: textOr(message, 'no message'), remedy: textOr(own, remedy) };
  } catch {
    return { message: 'what it threw cannot be read', remedy };
  }
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
