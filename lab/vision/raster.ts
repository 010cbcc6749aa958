/** A picture of eight-bit sRGB values. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Rows from the top, three bytes a pixel: red, green, blue. */
  readonly data: Uint8Array | Uint8ClampedArray;
}
