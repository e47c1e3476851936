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
   * @throws AdvarenaError IMAGE_FORMAT (another kind of image), IMAGE_UNREADABLE (damaged), IMAGE_SIZE
   *   (more than 268 million pixels)
   */
  decodePng(bytes: Uint8Array, where: string): Promise<DecodedImage>;
  /** Channels by the header, the first 26 bytes. @throws AdvarenaError IMAGE_FORMAT as decodePng */
  pngChannels(bytes: Uint8Array, where: string): 1 | 3;
  /** Equal images give equal bytes. @throws RangeError if the levels do not fill the image */
  encodePng(image: DecodedImage): Promise<Uint8Array>;
  /**
   * A baseline JPEG with the standard tables, grey or colour as the image is; equal images give equal bytes.
   * @param quality 1 to 100, as libjpeg counts it
   * @throws RangeError if the levels do not fill the image
   */
  encodeJpeg(image: DecodedImage, quality: number, subsampling: Subsampling): Promise<Uint8Array>;
  /** Channels by the header. @throws AdvarenaError as decodeJpeg */
  jpegChannels(bytes: Uint8Array, where: string): Promise<1 | 3>;
  /** Decodes a grey or YCbCr JPEG. @throws AdvarenaError as decodePng */
  decodeJpeg(bytes: Uint8Array, where?: string): Promise<DecodedImage>;
  /**
   * Part of a photograph as RGB at another size, Lanczos with three lobes: JPEG, PNG, GIF, WebP or TIFF. Grey levels
   * are repeated, transparency is dropped, of an animation the first picture is taken.
   * @throws AdvarenaError IMAGE_FORMAT (another kind of file, CMYK), IMAGE_UNREADABLE (damaged), IMAGE_SIZE (the box
   *   holds no pixel)
   */
  cropPhotograph(bytes: Uint8Array, crop: Crop, where: string): Promise<DecodedImage>;
  /**
   * Scales an image so that its shorter side is `size` and keeps its middle, [size, size]: Lanczos with three lobes
   * on the levels as they are. @throws RangeError if the levels do not fill the image
   */
  resizeMiddle(image: DecodedImage, size: number): Promise<DecodedImage>;
}

/** What is cut out of a picture and how large it becomes. */
export interface Crop {
  /** Left, top, right and bottom as fractions of width and height; edges fall on pixels by cutting off decimals. */
  box: readonly [x1: number, y1: number, x2: number, y2: number];
  height: number;
  width: number;
}
