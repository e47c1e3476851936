export { decodeJpeg, decodePng, encodeJpeg, encodePng } from '#codec';
export type { Codec, DecodedImage, Subsampling } from './codec.ts';
export * from './dataset.ts';
export type { Pictures } from './images.ts';
export { writeRoadsigns } from './roadsigns/write.ts';
export * from './roadsigns.ts';
