export { createSession } from '#session';
export * from './session.ts';
