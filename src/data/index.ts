export { decodeJpeg, decodePng, encodeJpeg, encodePng } from '#codec';
export type { Codec, Crop, DecodedImage, Subsampling } from './codec.ts';
export { type CsvCell, csvText } from './csv.ts';
export * from './dataset.ts';
export {
  type DifferingImage,
  type DownloadOptions,
  type DownloadProgress,
  type DownloadResult,
  downloadCompetition,
} from './download/download.ts';
export type { MissingImage } from './download/finish.ts';
export type { MissingReason } from './download/transfer.ts';
export { findImages, type Pictures } from './images.ts';
export { writeRoadsigns } from './roadsigns/write.ts';
export * from './roadsigns.ts';
export type * from './types.ts';
