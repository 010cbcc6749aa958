/** Where a patch lies on an image, in pixels of the image. */
export interface Placement {
  /** Centre, x to the right and y down; (0, 0) is the top left corner of the image. */
  readonly x: number;
  readonly y: number;
  /** Side (of a disc: diameter) on the image. */
  readonly side: number;
  /** Turned clockwise by so many radians. */
  readonly angle: number;
}

export type PatchShape = 'disc' | 'square';

/** A square canvas of side × side × channels values, of which the shape shows. */
export interface PatchForm {
  readonly side: number;
  readonly channels: number;
  readonly shape: PatchShape;
}

export interface ImageForm {
  readonly height: number;
  readonly width: number;
}

/** Takes a pixel of the image, and the four values of the canvas that it is mixed from, with their weights. */
type Visit = (pixel: number, corners: readonly number[], weights: readonly number[]) => void;

/** Lays a patch over an image, in place; bilinear between the canvas's values. */
export function paste(
  image: Float32Array,
  size: ImageForm,
  patch: ArrayLike<number>,
  form: PatchForm,
  placement: Placement,
): void {
  const { channels } = form;
  visit(size, form, placement, (pixel, corners, weights) => {
    for (let c = 0; c < channels; c++) {
      let value = 0;
      for (let k = 0; k < 4; k++) value += weights[k]! * patch[corners[k]! * channels + c]!;
      image[pixel * channels + c] = value;
    }
  });
}

/** Adds to `sum`, of the canvas's size, what `paste` makes of a cotangent at the image: its transpose. */
export function pullToPatch(
  cotangent: Float32Array,
  size: ImageForm,
  sum: Float64Array,
  form: PatchForm,
  placement: Placement,
): void {
  const { channels } = form;
  visit(size, form, placement, (pixel, corners, weights) => {
    for (let k = 0; k < 4; k++) {
      for (let c = 0; c < channels; c++) {
        sum[corners[k]! * channels + c]! += weights[k]! * cotangent[pixel * channels + c]!;
      }
    }
  });
}

/** Every pixel of the image that the patch covers at its centre. */
function visit({ height, width }: ImageForm, form: PatchForm, placement: Placement, take: Visit): void {
  const { x, y, side, angle } = placement;
  const reach = side * (form.shape === 'disc' ? 0.5 : Math.SQRT1_2);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const last = form.side - 1;
  for (let row = Math.max(0, Math.floor(y - reach)); row < Math.min(height, y + reach); row++) {
    for (let column = Math.max(0, Math.floor(x - reach)); column < Math.min(width, x + reach); column++) {
      const [dx, dy] = [column + 0.5 - x, row + 0.5 - y];
      // Turned back, in units of the side: −½ to ½ on the patch.
      const u = (cos * dx + sin * dy) / side;
      const v = (cos * dy - sin * dx) / side;
      const shows = form.shape === 'disc' ? u * u + v * v <= 0.25 : Math.abs(u) <= 0.5 && Math.abs(v) <= 0.5;
      if (!shows) continue;
      const px = Math.min(Math.max((u + 0.5) * form.side - 0.5, 0), last);
      const py = Math.min(Math.max((v + 0.5) * form.side - 0.5, 0), last);
      const [x0, y0] = [Math.floor(px), Math.floor(py)];
      const [x1, y1] = [Math.min(x0 + 1, last), Math.min(y0 + 1, last)];
      const [fx, fy] = [px - x0, py - y0];
      take(
        row * width + column,
        [y0 * form.side + x0, y0 * form.side + x1, y1 * form.side + x0, y1 * form.side + x1],
        [(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx],
      );
    }
  }
}
