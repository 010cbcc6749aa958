import type { CustomSeriesOption, EChartsOption, LineSeriesOption, ScatterSeriesOption } from 'echarts';
import { init } from 'echarts';
import type { Proportion } from '../../experiments/metrics.ts';
import type { PhysicalRow } from '../../experiments/physical/table.ts';
import type { VariantRecord } from '../record.ts';

/** Charts of a report, as SVG text. Colours are told apart by the colour-blind too (Okabe and Ito 2008). */

const hues = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const size = { width: 560, height: 340 };
const ink = '#444';

/** A row of the table with the attack that it is of. */
export interface ChartRow {
  readonly row: PhysicalRow;
  readonly variant: VariantRecord;
}

/** Accuracy against ε, as files (dashed) and as photographs (solid), one hue an attack, with 95% intervals. */
export function accuracyChart(rows: readonly ChartRow[]): string {
  const attacks = attacksOf(rows);
  const series = attacks.flatMap((attack, i) => {
    const own = rows
      .filter(({ variant }) => variant.attack === attack && variant.epsilon !== undefined)
      .sort((a, b) => a.variant.epsilon! - b.variant.epsilon!);
    const points = (pick: (row: PhysicalRow) => Proportion) =>
      own
        .map(({ row, variant }) => ({ x: 255 * variant.epsilon!, rate: pick(row) }))
        .filter(({ rate }) => rate.n > 0);
    const hue = hues[i % hues.length]!;
    return [
      ...curve(
        `${attack}, file`,
        points((row) => row.file.adversarial.top1),
        hue,
        'dashed',
      ),
      ...curve(
        `${attack}, photograph`,
        points((row) => row.photo.adversarial.top1),
        hue,
        'solid',
      ),
    ];
  });
  return draw({
    xAxis: { type: 'value', name: 'ε / 255', ...axis, min: 0 },
    yAxis: { type: 'value', name: 'top-1 accuracy, %', min: 0, max: 100, ...axis },
    series,
  });
}

/** Destruction rate of every row with its 95% interval. */
export function destructionChart(rows: readonly ChartRow[]): string {
  const known = rows.filter(({ row }) => row.destruction.n > 0);
  const attacks = attacksOf(rows);
  const data = known.map(({ row, variant }, at) => ({
    value: [at, 100 * row.destruction.share],
    itemStyle: { color: hues[attacks.indexOf(variant.attack) % hues.length]! },
  }));
  const dots: ScatterSeriesOption = { type: 'scatter', name: 'destruction rate', symbolSize: 9, data };
  const bars = errorBars(
    known.map(({ row }, x) => ({ x, rate: row.destruction })),
    ink,
  );
  return draw({
    xAxis: {
      type: 'category',
      data: known.map(({ variant }) => variant.title),
      axisLabel: { interval: 0, width: 90, overflow: 'break', color: ink },
    },
    yAxis: { type: 'value', name: 'destruction rate, %', min: 0, max: 100, ...axis },
    series: [bars, dots],
    legend: { show: false },
  });
}

interface Point {
  readonly x: number;
  readonly rate: Proportion;
}

function curve(
  name: string,
  points: readonly Point[],
  color: string,
  type: 'solid' | 'dashed',
): (LineSeriesOption | CustomSeriesOption)[] {
  if (points.length === 0) return [];
  const line: LineSeriesOption = {
    type: 'line',
    name,
    data: points.map(({ x, rate }) => [x, 100 * rate.share]),
    lineStyle: { color, type, width: 2 },
    itemStyle: { color },
    symbol: type === 'solid' ? 'circle' : 'emptyCircle',
    symbolSize: 7,
  };
  return [line, errorBars(points, color)];
}

/** Whiskers from the low to the high end of each interval. */
function errorBars(points: readonly Point[], stroke: string): CustomSeriesOption {
  return {
    type: 'custom',
    data: points.map(({ x, rate }) => [x, 100 * rate.low, 100 * rate.high]),
    encode: { x: 0, y: [1, 2] },
    silent: true,
    renderItem: (_, api) => {
      const [x, low] = api.coord([api.value(0), api.value(1)]) as [number, number];
      const [, high] = api.coord([api.value(0), api.value(2)]) as [number, number];
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line' as const,
        shape: { x1, y1, x2, y2 },
        style: { stroke, lineWidth: 1 },
      });
      const cap = 4;
      return {
        type: 'group',
        children: [
          line(x, low, x, high),
          line(x - cap, low, x + cap, low),
          line(x - cap, high, x + cap, high),
        ],
      };
    },
  };
}

const axis = {
  nameLocation: 'middle' as const,
  nameGap: 34,
  axisLabel: { color: ink },
  nameTextStyle: { color: ink },
};

function draw(option: EChartsOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: 'system-ui, sans-serif', color: ink },
      grid: { left: 56, right: 16, top: 44, bottom: 64 },
      legend: { top: 4, textStyle: { color: ink }, itemWidth: 22, itemGap: 14, width: size.width - 40 },
      ...option,
    });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

/** The attacks' names, in the order of the run. */
function attacksOf(rows: readonly ChartRow[]): string[] {
  return [...new Set(rows.map(({ variant }) => variant.attack))];
}
