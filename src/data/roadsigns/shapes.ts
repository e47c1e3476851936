/** Signed distance to an outline, in sign coordinates: x to the right, y down, the sign fills [-1,1]^2. Negative inside. */
export type Shape = (x: number, y: number) => number;

/** x0, y0, x1, y1, ... */
export type Path = readonly number[];

export function disc(cx: number, cy: number, radius: number): Shape {
  return (x, y) => Math.sqrt((x - cx) ** 2 + (y - cy) ** 2) - radius;
}

export function ring(radius: number, halfWidth: number): Shape {
  return (x, y) => Math.abs(Math.sqrt(x * x + y * y) - radius) - halfWidth;
}

export function box(cx: number, cy: number, halfWidth: number, halfHeight: number): Shape {
  return (x, y) => {
    const dx = Math.abs(x - cx) - halfWidth;
    const dy = Math.abs(y - cy) - halfHeight;
    if (dx <= 0 || dy <= 0) return Math.max(dx, dy);
    return Math.sqrt(dx * dx + dy * dy);
  };
}

/** The inside of a closed path, by even and odd crossings. */
export function polygon(path: Path): Shape {
  const closed = [...path, path[0] as number, path[1] as number];
  const toEdge = stroke(closed, 0);
  return (x, y) => {
    let inside = false;
    for (let i = 0; i + 3 < closed.length; i += 2) {
      const x0 = closed[i] as number;
      const y0 = closed[i + 1] as number;
      const y1 = closed[i + 3] as number;
      if (y0 > y === y1 > y) continue;
      if (x < x0 + ((y - y0) / (y1 - y0)) * ((closed[i + 2] as number) - x0)) inside = !inside;
    }
    const distance = toEdge(x, y);
    return inside ? -distance : distance;
  };
}

/** A pen of round tip along a path. */
export function stroke(path: Path, halfWidth: number): Shape {
  return (x, y) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (let i = 0; i + 3 < path.length; i += 2) {
      const x0 = path[i] as number;
      const y0 = path[i + 1] as number;
      const dx = (path[i + 2] as number) - x0;
      const dy = (path[i + 3] as number) - y0;
      const length = dx * dx + dy * dy;
      const along = length === 0 ? 0 : ((x - x0) * dx + (y - y0) * dy) / length;
      const t = along < 0 ? 0 : along > 1 ? 1 : along;
      nearest = Math.min(nearest, (x - x0 - t * dx) ** 2 + (y - y0 - t * dy) ** 2);
    }
    return Math.sqrt(nearest) - halfWidth;
  };
}

/** Smaller by `by` all round; larger, with round corners, if negative. */
export function inset(shape: Shape, by: number): Shape {
  return (x, y) => shape(x, y) + by;
}

export function either(...shapes: Shape[]): Shape {
  return (x, y) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (const shape of shapes) nearest = Math.min(nearest, shape(x, y));
    return nearest;
  };
}

export function both(a: Shape, b: Shape): Shape {
  return (x, y) => Math.max(a(x, y), b(x, y));
}

/** The shape scaled by `scale`, then moved. */
export function placed(shape: Shape, dx: number, dy: number, scale: number): Shape {
  return (x, y) => shape((x - dx) / scale, (y - dy) / scale) * scale;
}

/** Points on an ellipse between two angles in degrees, 0 to the right and 90 down. */
export function arc(cx: number, cy: number, rx: number, ry: number, from: number, to: number): number[] {
  const steps = 14;
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  }).flat();
}

/** A regular polygon of given corner radius, its first corner at an angle in degrees. */
export function regular(corners: number, radius: number, first: number): Shape {
  const path = Array.from({ length: corners }, (_, i) => {
    const angle = ((first + (360 * i) / corners) * Math.PI) / 180;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
  return polygon(path.flat());
}
