import { windowAttributes } from '../shapes/windows.ts';
import { type Kernel, numbers, result } from './call.ts';

/** Adds overlapping blocks up into an image; two spatial axes. */
export const col2Im: Kernel = (call) => {
  const columns = numbers(call, 0);
  const [height, width] = Array.from(numbers(call, 1));
  const [rows, cols] = Array.from(numbers(call, 2));
  const { strides, dilations, pads } = windowAttributes(call.node, 2);
  const [batch, channels] = call.outputs[0]!.dims;
  const count = (extent: number, k: number, axis: number) =>
    Math.floor((extent + pads[axis]! + pads[axis + 2]! - dilations[axis]! * (k - 1) - 1) / strides[axis]!) +
    1;
  const outHeight = count(height!, rows!, 0);
  const outWidth = count(width!, cols!, 1);
  const image = new Float64Array(batch! * channels! * height! * width!);
  let at = 0;
  for (let plane = 0; plane < batch! * channels!; plane++) {
    for (let offset = 0; offset < rows! * cols!; offset++) {
      const top = Math.floor(offset / cols!) * dilations[0]! - pads[0]!;
      const left = (offset % cols!) * dilations[1]! - pads[1]!;
      for (let i = 0; i < outHeight * outWidth; i++, at++) {
        const y = top + Math.floor(i / outWidth) * strides[0]!;
        const x = left + (i % outWidth) * strides[1]!;
        if (y < 0 || x < 0 || y >= height! || x >= width!) continue;
        image[(plane * height! + y) * width! + x]! += columns[at]!;
      }
    }
  }
  return [result(call, image)];
};
