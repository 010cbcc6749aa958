import { tensorOf } from '../../tensors.ts';
import { bools, type Case, floats, given, indices, int, ints } from './case.ts';

/** Operators that move elements, and those that make values from shapes. */

const x = () => floats(2, 3, 4, 5);

const shapes: Case[] = [
  { op: 'Reshape', note: '0 copies, -1 is worked out', inputs: [x(), ints(0, -1, 10)] },
  { op: 'Flatten', inputs: [x()] },
  { op: 'Flatten', note: 'an axis from the back', attributes: { axis: -1 }, inputs: [x()] },
  { op: 'Squeeze', inputs: [floats(2, 1, 3, 1), ints(-1)] },
  { op: 'Squeeze', note: 'every 1', inputs: [floats(2, 1, 3, 1)], batch: [] },
  { op: 'Unsqueeze', inputs: [floats(2, 3), ints(-1, 1)] },
  { op: 'Transpose', attributes: { perm: [0, 2, 3, 1] }, inputs: [x()] },
  { op: 'Transpose', note: 'reversed', inputs: [x()] },
  { op: 'Expand', inputs: [floats(2, 1, 3), ints(4, 2, 2, 1)], batch: [] },
  { op: 'Expand', inputs: [floats(2, 1, 3), ints(1, 4, 1)] },
  { op: 'Tile', inputs: [floats(2, 3), ints(2, 3)] },
  {
    op: 'Concat',
    attributes: { axis: -1 },
    inputs: [floats(2, 3), floats(2, 1), floats(2, 4)],
    batch: [0, 1, 2],
  },
  { op: 'Split', outputs: 3, attributes: { axis: 1, num_outputs: 3 }, inputs: [floats(2, 8)] },
  { op: 'Split', note: 'sizes', outputs: 2, attributes: { axis: -1 }, inputs: [floats(2, 3, 5), ints(1, 4)] },
  { op: 'Slice', inputs: [x(), ints(1, -3), ints(3, 2 ** 63), ints(1, -1)] },
  {
    op: 'Slice',
    note: 'backwards',
    inputs: [x(), ints(-1, 3), ints(-(2 ** 62), 0), ints(3, 2), ints(-2, -1)],
  },
  { op: 'Slice', note: 'steps, clamped', inputs: [x(), ints(-9), ints(99), ints(3), ints(2)] },
  { op: 'Slice', note: 'empty', inputs: [x(), ints(3), ints(1), ints(2)] },
  { op: 'Pad', inputs: [x(), ints(0, 1, 0, 2, 0, 0, 3, 1), given([], 0.5)] },
  { op: 'Pad', note: 'some axes, negative', inputs: [x(), ints(-1, 2, 1, -1), undefined, ints(2, -1)] },
  ...['reflect', 'edge', 'wrap'].map((mode) => ({
    op: 'Pad',
    note: mode,
    attributes: { mode },
    inputs: [x(), ints(0, 1, 3, 2, 0, 2, 1, 4)],
  })),
  { op: 'DepthToSpace', attributes: { blocksize: 2 }, inputs: [floats(2, 8, 2, 3)] },
  {
    op: 'DepthToSpace',
    note: 'CRD',
    attributes: { blocksize: 2, mode: 'CRD' },
    inputs: [floats(2, 8, 2, 3)],
  },
  { op: 'SpaceToDepth', attributes: { blocksize: 2 }, inputs: [floats(2, 3, 4, 6)] },
  { op: 'Trilu', inputs: [floats(2, 4, 5)] },
  { op: 'Trilu', note: 'lower, shifted', attributes: { upper: 0 }, inputs: [floats(2, 4, 5), int(-1)] },
];

const byIndex: Case[] = [
  { op: 'Gather', attributes: { axis: 1 }, inputs: [x(), indices([2, 2], 0, -1, 1, 1)] },
  { op: 'Gather', note: 'one index', attributes: { axis: 2 }, inputs: [x(), int(3)] },
  {
    op: 'GatherElements',
    attributes: { axis: 1 },
    inputs: [floats(2, 3), indices([2, 2], 0, -1, 2, 1)],
    batch: [0, 1],
    constants: [],
  },
  { op: 'GatherND', inputs: [floats(2, 3, 4), indices([2, 2], 0, 1, 1, -1)], batch: [] },
  {
    op: 'GatherND',
    note: 'by batch',
    attributes: { batch_dims: 1 },
    inputs: [floats(2, 3, 4), indices([2, 1], 2, 0)],
    batch: [0, 1],
    constants: [],
  },
  { op: 'ScatterND', inputs: [floats(4, 3), indices([2, 1], 3, 0), floats(2, 3)] },
  ...['add', 'mul', 'max', 'min'].map((reduction) => ({
    op: 'ScatterND',
    note: reduction,
    attributes: { reduction },
    inputs: [floats(4, 3), indices([3, 1], 3, 0, 3), floats(3, 3)],
  })),
  {
    op: 'ScatterElements',
    attributes: { axis: -1 },
    inputs: [floats(2, 4), indices([2, 2], 0, -1, 2, 1), floats(2, 2)],
    batch: [0],
  },
  ...['add', 'mul', 'max', 'min'].map((reduction) => ({
    op: 'ScatterElements',
    note: reduction,
    attributes: { axis: 1, reduction },
    inputs: [floats(2, 4), indices([2, 2], 1, 1, 2, 2), floats(2, 2)],
  })),
  { op: 'OneHot', inputs: [indices([2, 2], 0, -1, 2, 7), int(3), given([2], 0.25, 2)] },
  {
    op: 'OneHot',
    note: 'axis 1',
    attributes: { axis: 1 },
    inputs: [indices([2, 2], 0, 1, 2, 1), int(3), given([2], 0, 1)],
  },
  { op: 'NonZero', inputs: [bools([2, 3], 1, 0, 1, 0, 0, 1)], batch: [] },
  { op: 'EyeLike', attributes: { k: 1, dtype: 7 }, inputs: [floats(3, 4)] },
];

const made: Case[] = [
  { op: 'Shape', inputs: [x()], batch: [] },
  { op: 'Shape', note: 'a part', attributes: { start: -3, end: -1 }, inputs: [x()] },
  { op: 'Size', inputs: [x()] },
  {
    op: 'ConstantOfShape',
    attributes: { value: tensorOf('int64', [1], [7]) },
    inputs: [ints(2, 3)],
    batch: [],
    constants: [0],
  },
  { op: 'ConstantOfShape', note: 'zeros', inputs: [ints(2, 3)], batch: [], constants: [0] },
  { op: 'Range', inputs: [int(10), int(-1), int(-3)], batch: [], constants: [0, 1, 2] },
  {
    op: 'Range',
    note: 'of floats',
    inputs: [given([], 0.5), given([], 2), given([], 0.4)],
    batch: [],
    constants: [0, 1, 2],
  },
];

const FOUR = [1, 1, 2.6, 1.5] as const;
const SMALLER = [1, 1, 0.6, 0.5] as const;
const FLOAT_SCALES = (scales: readonly number[]) => given([4], ...scales);

const resizes: Case[] = [
  ...['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'].flatMap((place) =>
    ['nearest', 'linear', 'cubic'].map((mode) => ({
      op: 'Resize',
      note: `${mode}, ${place}`,
      attributes: { mode, coordinate_transformation_mode: place },
      inputs: [x(), undefined, FLOAT_SCALES(FOUR)],
      constants: [2],
    })),
  ),
  ...['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].map((nearest_mode) => ({
    op: 'Resize',
    note: nearest_mode,
    attributes: { mode: 'nearest', nearest_mode },
    inputs: [x(), undefined, FLOAT_SCALES(SMALLER)],
    constants: [2],
  })),
  {
    op: 'Resize',
    note: 'cubic, within',
    attributes: { mode: 'cubic', cubic_coeff_a: -0.5, exclude_outside: 1 },
    inputs: [x(), undefined, FLOAT_SCALES(SMALLER)],
    constants: [2],
  },
  {
    op: 'Resize',
    note: 'sizes',
    attributes: { mode: 'linear' },
    inputs: [x(), undefined, undefined, ints(2, 3, 7, 3)],
    batch: [],
  },
  {
    op: 'Resize',
    note: 'sizes of two axes',
    attributes: { mode: 'linear', axes: [2, 3] },
    inputs: [x(), undefined, undefined, ints(7, 3)],
  },
];

export const moving: readonly Case[] = [...shapes, ...byIndex, ...made, ...resizes];
