import type { CustomSeriesRenderItem } from 'echarts';
import { type Rate, rateWords } from '../words.ts';
import { type ChartTheme, hueOf, symbolOf } from './theme.ts';

/** Options of the two charts of the protocol, as ECharts takes them. Charts are plain data in, plain data out. */
export type ChartOption = Readonly<Record<string, unknown>>;

/** What an attack does at one strength. */
export interface StrengthPoint {
  /** Radius in [0, 1] units. */
  readonly epsilon: number;
  /** Of the files. */
  readonly source: Rate;
  /** Of their photographs; none of them while nothing is captured. */
  readonly photograph?: Rate;
}

/** One attack over its strengths. */
export interface AttackCurve {
  readonly attack: string;
  /** In any order. */
  readonly points: readonly StrengthPoint[];
}

/** Accuracy against ε: one hue an attack, files dashed, photographs solid, bands for the intervals. */
export function accuracyChart(curves: readonly AttackCurve[], theme: ChartTheme): ChartOption {
  const series = curves.flatMap(({ attack, points }, i) => {
    const sorted = points.toSorted((a, b) => a.epsilon - b.epsilon);
    const files = sorted.map(({ epsilon, source }) => ({ epsilon, rate: source }));
    const photos = sorted.flatMap(({ epsilon, photograph }) =>
      photograph === undefined || photograph.n === 0 ? [] : [{ epsilon, rate: photograph }],
    );
    const look = { hue: hueOf(theme, i), symbol: symbolOf(i) };
    return [
      ...curve(`${attack}, files`, files, { ...look, dashed: true }),
      ...curve(`${attack}, photographs`, photos, { ...look, dashed: false }),
    ];
  });
  const named = series.filter(({ type }) => type === 'line').map(({ name }) => name);
  return {
    ...frame(theme),
    legend: { ...legend(theme), data: named },
    xAxis: {
      ...axis(theme),
      type: 'value',
      name: 'ε, levels of 255',
      nameLocation: 'middle',
      nameGap: 28,
      min: 0,
      minInterval: 1,
    },
    yAxis: percentAxis(theme, 'Accuracy'),
    series,
  };
}

interface Look {
  readonly hue: string;
  readonly symbol: string;
  readonly dashed: boolean;
}

interface CurvePoint {
  readonly epsilon: number;
  readonly rate: Rate;
}

function curve(name: string, points: readonly CurvePoint[], { hue, symbol, dashed }: Look) {
  if (points.length === 0) return [];
  const at = ({ epsilon }: CurvePoint) => Math.round(epsilon * 255 * 1000) / 1000;
  const ends = points.map((point) => [at(point), 100 * point.rate.low, 100 * point.rate.high]);
  const band = {
    type: 'custom',
    name: `${name}, interval`,
    silent: true,
    z: 1,
    renderItem: bandItem(ends, hue),
    // All ends are drawn as one form; the axes still take their extent from them.
    data: ends,
    encode: { x: 0, y: [1, 2] },
    tooltip: { show: false },
  };
  const line = {
    type: 'line',
    name,
    z: 2,
    symbol,
    symbolSize: 7,
    lineStyle: { color: hue, width: 1.5, type: dashed ? [5, 4] : 'solid' },
    itemStyle: { color: hue },
    data: points.map((point) => ({
      value: [at(point), 100 * point.rate.share],
      // Read by the tooltip.
      words: `${name}, ε ${at(point)}/255: ${rateWords(point.rate)}`,
    })),
  };
  return [band, line];
}

/** A polygon along the upper ends and back along the lower ones; an error bar where there is one point alone. */
function bandItem(ends: readonly (readonly number[])[], hue: string): CustomSeriesRenderItem {
  return (params, api) => {
    if (params.dataIndex > 0) return { type: 'group', children: [] };
    const upper = ends.map(([x, , high]) => api.coord([x, high]));
    const lower = ends.map(([x, low]) => api.coord([x, low])).toReversed();
    if (ends.length === 1) {
      const [x, top] = upper[0]!;
      return { type: 'group', children: errorBar([x!, top!], [x!, lower[0]![1]!], hue) };
    }
    return {
      type: 'polygon',
      shape: { points: [...upper, ...lower] },
      style: { fill: hue, opacity: 0.13 },
    };
  };
}

/** A bar with a rate and its interval. */
export interface RateBar {
  /** On the axis. */
  readonly name: string;
  /** Bars of one attack share its hue. */
  readonly attack: string;
  readonly rate: Rate;
}

/** A rate a bar, such as destruction per attack, with error bars for the intervals. */
export function rateChart(bars: readonly RateBar[], axisName: string, theme: ChartTheme): ChartOption {
  const attacks = [...new Set(bars.map(({ attack }) => attack))];
  const hue = ({ attack }: RateBar) => hueOf(theme, attacks.indexOf(attack));
  const shown = bars.filter(({ rate }) => rate.n > 0);
  return {
    ...frame(theme),
    xAxis: {
      ...axis(theme),
      type: 'category',
      data: shown.map(({ name }) => name),
      splitLine: { show: false },
      axisLabel: { color: theme.quiet, interval: 0, width: 110, overflow: 'break', lineHeight: 14 },
    },
    yAxis: percentAxis(theme, axisName),
    series: [
      {
        type: 'bar',
        barMaxWidth: 36,
        data: shown.map((bar) => ({
          value: 100 * bar.rate.share,
          itemStyle: { color: hue(bar), opacity: 0.75 },
          words: `${bar.name}: ${rateWords(bar.rate)}`,
        })),
      },
      {
        type: 'custom',
        silent: true,
        z: 3,
        renderItem: barEnds(theme.text),
        data: shown.map(({ rate }, i) => [i, 100 * rate.low, 100 * rate.high]),
        encode: { x: 0, y: [1, 2] },
      },
    ],
  };
}

function barEnds(colour: string): CustomSeriesRenderItem {
  return (_, api) => {
    const x = api.value(0);
    const end = (dimension: number) => api.coord([x, api.value(dimension)]) as [number, number];
    return { type: 'group', children: errorBar(end(2), end(1), colour) };
  };
}

type Point = [number, number];

function errorBar([x, top]: Point, [, bottom]: Point, colour: string) {
  const half = 4;
  const stroke = (x1: number, y1: number, x2: number, y2: number) => ({
    type: 'line' as const,
    shape: { x1, y1, x2, y2 },
    style: { stroke: colour, lineWidth: 1.5 },
  });
  return [
    stroke(x, top, x, bottom),
    stroke(x - half, top, x + half, top),
    stroke(x - half, bottom, x + half, bottom),
  ];
}

function frame(theme: ChartTheme) {
  return {
    animation: false,
    textStyle: { fontFamily: theme.font, fontSize: 12, color: theme.text },
    grid: { top: 40, right: 16, bottom: 44, left: 56 },
    tooltip: {
      trigger: 'item',
      // Drawn, not written as HTML: the page's policy takes no style attributes.
      renderMode: 'richText',
      backgroundColor: theme.surface,
      borderColor: theme.line,
      textStyle: { color: theme.text, fontSize: 12 },
      formatter: ({ data }: { data?: { words?: string } }) => data?.words ?? '',
    },
  };
}

function legend(theme: ChartTheme) {
  return {
    type: 'scroll',
    top: 0,
    left: 0,
    itemWidth: 28,
    textStyle: { color: theme.text },
    pageTextStyle: { color: theme.quiet },
  };
}

function axis(theme: ChartTheme) {
  return {
    nameTextStyle: { color: theme.quiet },
    axisLabel: { color: theme.quiet },
    axisLine: { show: true, lineStyle: { color: theme.line } },
    axisTick: { lineStyle: { color: theme.line } },
    splitLine: { lineStyle: { color: theme.line } },
  };
}

function percentAxis(theme: ChartTheme, name: string) {
  return {
    ...axis(theme),
    type: 'value',
    name,
    nameLocation: 'middle',
    nameGap: 40,
    nameRotate: 90,
    min: 0,
    max: 100,
    axisLabel: { color: theme.quiet, formatter: '{value}%' },
  };
}
