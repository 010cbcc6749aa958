/** Colours of a chart, as the style sheet has them now. */
export interface ChartTheme {
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly surface: string;
  readonly font: string;
  /** One hue an attack, in the order of the run. */
  readonly hues: readonly string[];
}

const hueCount = 7;

/** Reads the tokens that are in force on the page. */
export function chartTheme(styles: Pick<CSSStyleDeclaration, 'getPropertyValue'>): ChartTheme {
  const token = (name: string) => styles.getPropertyValue(`--${name}`).trim();
  return {
    text: token('text'),
    quiet: token('quiet'),
    line: token('line'),
    surface: token('surface'),
    font: token('font'),
    hues: Array.from({ length: hueCount }, (_, i) => token(`series-${i + 1}`)),
  };
}

/** The hue of the nth attack; after the last they come again. */
export function hueOf({ hues }: ChartTheme, index: number): string {
  return hues[index % hues.length]!;
}

/** Told apart by form too: the marker of the nth attack. */
export function symbolOf(index: number): string {
  return (['circle', 'rect', 'triangle', 'diamond', 'pin', 'roundRect', 'arrow'] as const)[index % 7]!;
}
