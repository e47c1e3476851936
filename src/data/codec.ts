/** An 8-bit image as codecs see it: grey (1 channel) or RGB (3), rows from top to bottom, channels together. */
export interface DecodedImage {
  height: number;
  width: number;
  channels: number;
  /** Levels, height x width x channels. */
  data: Uint8Array;
}

/** How the colour of a JPEG is stored: at half resolution in both directions, or at full. */
export type Subsampling = '4:2:0' | '4:4:4';

/** What `#codec` gives. No colour management, no gamma, no rotation: the levels are those in the file. */
export interface Codec {
  /**
   * Decodes a PNG of 8-bit grey or RGB, and nothing else: whatever would need a conversion is refused.
   * @param where what messages call the file
   * @throws AdvarenaError IMAGE_FORMAT (another kind of image), IMAGE_UNREADABLE (damaged)
   */
  decodePng(bytes: Uint8Array, where: string): Promise<DecodedImage>;
  /** Equal images give equal bytes. @throws RangeError if the levels do not fill the image */
  encodePng(image: DecodedImage): Promise<Uint8Array>;
  /**
   * A baseline JPEG with the standard tables, grey or colour as the image is; equal images give equal bytes.
   * @param quality 1 to 100, as libjpeg counts it
   * @throws RangeError if the levels do not fill the image
   */
  encodeJpeg(image: DecodedImage, quality: number, subsampling: Subsampling): Promise<Uint8Array>;
  /** Decodes a grey or YCbCr JPEG. @throws AdvarenaError as decodePng */
  decodeJpeg(bytes: Uint8Array, where?: string): Promise<DecodedImage>;
}
