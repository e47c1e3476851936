import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { channelsFirst, channelsLast } from './planes.ts';

// Two rows of three pixels: the tens are the pixel, the ones the channel.
const file = Uint8Array.of(10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52, 60, 61, 62);
const planes = Uint8Array.of(10, 20, 30, 40, 50, 60, 11, 21, 31, 41, 51, 61, 12, 22, 32, 42, 52, 62);

describe('orders of channels', () => {
  test('an image that is not square', () => {
    expect(channelsFirst(file, 3)).toEqual(planes);
    expect(channelsLast(planes, 3)).toEqual(file);
  });

  test('what is given stays as it is, also where one channel leaves nothing to do', () => {
    const given = file.slice();
    channelsFirst(given, 3)[0] = 99;
    channelsLast(given, 3)[0] = 99;
    channelsLast(given, 1)[0] = 99;
    expect(given).toEqual(file);
    expect(channelsFirst(file, 1)).toEqual(file);
    // Parts of a Buffer share its memory.
    expect(channelsFirst<Uint8Array>(Buffer.from(file), 3)).toEqual(planes);
  });

  test('there and back, of any size, with the type kept', () => {
    const size = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 4 }), (height, width, channels) => {
        const data = Float32Array.from({ length: height * width * channels }, (_, i) => i / 7);
        expect(channelsLast(channelsFirst(data, channels), channels)).toEqual(data);
        expect(channelsFirst(channelsLast(data, channels), channels)).toEqual(data);
      }),
    );
  });

  test('half a pixel is refused', () => {
    const message = '7 values are no pixels of 3 channels';
    expect(() => channelsFirst(new Uint8Array(7), 3)).toThrow(new RangeError(message));
    expect(() => channelsLast(new Uint8Array(7), 3)).toThrow(new RangeError(message));
  });
});
