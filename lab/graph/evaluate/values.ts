import { constantValue, fillValue, shapeSlice } from '../shapes/values.ts';
import { allocate, elementCount, int64Vector, scalar } from '../tensors.ts';
import { input, type Kernels, numbers, result } from './call.ts';

/** Operators that make values from shapes, or from nothing. */
export const valueKernels: Kernels = {
  Constant: ({ node }) => [constantValue(node)],
  Shape: (call) => {
    const { dims } = input(call, 0);
    return [int64Vector(dims.slice(...shapeSlice(call.node, dims.length)))];
  },
  Size: (call) => [scalar('int64', elementCount(input(call, 0).dims))],
  ConstantOfShape: (call) => {
    const fill = fillValue(call.node);
    const { dtype, dims } = call.outputs[0]!;
    const data = allocate(dtype, elementCount(dims));
    data.fill(fill.data[0] as never);
    return [{ dtype, dims, data }];
  },
  Range: (call) => {
    const start = numbers(call, 0)[0]!;
    const step = numbers(call, 2)[0]!;
    const { dims } = call.outputs[0]!;
    return [
      result(
        call,
        Float64Array.from({ length: dims[0]! }, (_, i) => start + i * step),
      ),
    ];
  },
};
