export { decodeJpeg, decodePng, encodeJpeg, encodePng } from '#codec';
export type { Codec, DecodedImage, Subsampling } from './codec.ts';
