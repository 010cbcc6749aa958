/** HTML that is safe to put together: text is escaped unless it is HTML made here. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | readonly (string | number | Html)[];

/** A piece of HTML; strings among the values are escaped, lists are joined. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  let text = strings[0]!;
  for (const [i, value] of values.entries()) text += plain(value) + strings[i + 1]!;
  return new Html(text);
}

function plain(value: Part): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(plain).join('');
  return escaped(String(value));
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
