/** Row-major 3 x 3. */
export type Homography = [number, number, number, number, number, number, number, number, number];

type Vector = [x: number, y: number, z: number];

/** Where a sign is in its image, in pixels; the middle of the first pixel is (0.5, 0.5). */
export interface Pose {
  /**
   * From sign coordinates (x right, y down, the sign in [-1,1]^2) to pixels: (X, Y, W) = H (x, y, 1), pixel
   * (X / W, Y / W).
   */
  homography: Homography;
  /** Images of (-1,-1), (1,-1), (1,1), (-1,1). */
  corners: [x: number, y: number][];
  centre: [x: number, y: number];
}

/** A plane in front of a pinhole camera. Angles in radians. */
export interface Placement {
  /** Turn about the upright axis: positive shows the sign from its left. */
  yaw: number;
  /** Turn about the level axis. */
  pitch: number;
  /** Turn within the image. */
  roll: number;
  /** Distance in half sizes of the sign: perspective is strong when small. */
  distance: number;
  /** Half the size of the sign seen square on, in pixels. */
  radius: number;
  x: number;
  y: number;
}

/** Columns of the rotation (images of the sign's two axes) and its normal, which points to the camera when unturned. */
function turned({ yaw, pitch, roll }: Placement): { across: Vector; down: Vector; normal: Vector } {
  const [cy, sy] = [Math.cos(yaw), Math.sin(yaw)];
  const [cp, sp] = [Math.cos(pitch), Math.sin(pitch)];
  const [cr, sr] = [Math.cos(roll), Math.sin(roll)];
  const rolled = (x: number, y: number, z: number): Vector => [cr * x - sr * y, sr * x + cr * y, z];
  return {
    across: rolled(cy, 0, sy),
    down: rolled(-sp * sy, cp, sp * cy),
    normal: rolled(cp * sy, sp, -cp * cy),
  };
}

/** @returns the unit normal of the front: x right, y down, z away from the camera */
export function normalOf(placement: Placement): Vector {
  return turned(placement).normal;
}

export function poseOf(placement: Placement): Pose {
  const { across, down } = turned(placement);
  const { distance: d, radius, x, y } = placement;
  const focal = radius * d;
  const [ax, ay, az] = across;
  const [bx, by, bz] = down;
  const homography: Homography = [
    focal * ax + x * az,
    focal * bx + x * bz,
    x * d,
    focal * ay + y * az,
    focal * by + y * bz,
    y * d,
    az,
    bz,
    d,
  ];
  const corner = (u: number, v: number) => apply(homography, u, v);
  return {
    homography,
    corners: [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)],
    centre: corner(0, 0),
  };
}

/** The image of a point under a homography. */
export function apply([a, b, c, d, e, f, g, i, j]: Homography, x: number, y: number): [number, number] {
  const w = g * x + i * y + j;
  return [(a * x + b * y + c) / w, (d * x + e * y + f) / w];
}

/** The inverse of a homography, up to a factor. */
export function inverse([a, b, c, d, e, f, g, i, j]: Homography): Homography {
  return [
    e * j - f * i,
    c * i - b * j,
    b * f - c * e,
    f * g - d * j,
    a * j - c * g,
    c * d - a * f,
    d * i - e * g,
    b * g - a * i,
    a * e - b * d,
  ];
}
