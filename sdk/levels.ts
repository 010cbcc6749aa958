/**
 * The nearest of the 256 levels k/255 for each value of [0, 1] (halves go up): what a PNG or a print holds. Into
 * `out` where one is given, which may be the values themselves.
 */
export function roundToLevels(
  values: Float32Array,
  out: Float32Array = new Float32Array(values.length),
): Float32Array {
  for (let i = 0; i < out.length; i++) out[i] = Math.round(values[i]! * 255) / 255;
  return out;
}
