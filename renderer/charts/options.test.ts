import { describe, expect, it } from 'vitest';
import { accuracyChart, rateChart } from './options.ts';
import type { ChartTheme } from './theme.ts';

const theme: ChartTheme = {
  text: 'text',
  quiet: 'quiet',
  line: 'line',
  surface: 'surface',
  font: 'font',
  hues: ['red', 'blue'],
};
const rate = (share: number) => ({ share, n: 10, low: share - 0.1, high: share + 0.2 });
const none = { share: 0, n: 0, low: 0, high: 1 };

interface Series {
  type: string;
  name: string;
  data: { value: unknown; words: string }[];
  lineStyle: { color: string; type: unknown };
  renderItem: (
    params: { dataIndex: number },
    api: unknown,
  ) => { type: string; shape: { points: number[][] } };
}

describe('accuracy against ε', () => {
  const points = [
    { epsilon: 8 / 255, source: rate(0.25), photograph: rate(0.5) },
    { epsilon: 2 / 255, source: rate(0.75), photograph: none },
  ];
  const { series } = accuracyChart(
    [
      { attack: 'fgsm', points },
      { attack: 'bim', points: points.slice(0, 1) },
    ],
    theme,
  ) as unknown as { series: Series[] };
  const line = (name: string) => series.find((each) => each.type === 'line' && each.name === name)!;

  it('has one hue an attack, files dashed and photographs solid', () => {
    expect(line('fgsm, files').lineStyle).toMatchObject({ color: 'red', type: [5, 4] });
    expect(line('fgsm, photographs').lineStyle).toMatchObject({ color: 'red', type: 'solid' });
    expect(line('bim, files').lineStyle.color).toBe('blue');
  });

  it('goes along ε in levels, and leaves out what nobody photographed', () => {
    expect(line('fgsm, files').data.map(({ value }) => value)).toEqual([
      [2, 75],
      [8, 25],
    ]);
    expect(line('fgsm, photographs').data.map(({ value }) => value)).toEqual([[8, 50]]);
    expect(line('fgsm, files').data[1]!.words).toBe('fgsm, files, ε 8/255: 25.0% ±15.0 (3/10)');
  });

  it('has the interval as a band: along its upper ends and back along the lower', () => {
    const band = series.find(({ name }) => name === 'fgsm, files, interval')!;
    const { type, shape } = band.renderItem({ dataIndex: 0 }, { coord: (point: number[]) => point });
    expect(type).toBe('polygon');
    const rounded = shape.points.map(([x, y]) => [x, Math.round(y!)]);
    expect(rounded).toEqual([
      [2, 95],
      [8, 45],
      [8, 15],
      [2, 65],
    ]);
  });
});

it('a rate an attack: bars of what was counted, in the attack’s hue', () => {
  const bars = [
    { name: 'fgsm 8', attack: 'fgsm', rate: rate(0.5) },
    { name: 'fgsm 16', attack: 'fgsm', rate: none },
    { name: 'bim 8', attack: 'bim', rate: rate(0.25) },
  ];
  const option = rateChart(bars, 'Destruction', theme) as unknown as {
    xAxis: { data: string[] };
    series: { data: { itemStyle: { color: string } }[] }[];
  };
  expect(option.xAxis.data).toEqual(['fgsm 8', 'bim 8']);
  expect(option.series[0]!.data.map(({ itemStyle }) => itemStyle.color)).toEqual(['red', 'blue']);
  expect(option.series[1]!.data).toEqual([
    [0, 40, 70],
    [1, 15, 45],
  ]);
});
