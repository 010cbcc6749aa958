import { lexer, type Token, type Tokens } from 'marked';
import { h, type VNode } from 'vue';

type Node = VNode | string;

/**
 * Markdown that strangers wrote, as elements of a fixed few kinds: what isn't text, a list, a table, code or a link to
 * the web stays the text that it is. HTML is never read as such, pictures are not fetched, styles are not taken over.
 */
export function markdownNodes(markdown: string): Node[] {
  return blocks(lexer(markdown));
}

/** A card's own title is the page's second heading; its README's come below. */
const FIRST_LEVEL = 3;

function blocks(tokens: readonly Token[]): Node[] {
  return tokens.flatMap((token) => block(token as Tokens.Generic));
}

function block(token: Tokens.Generic): Node[] {
  switch (token.type) {
    case 'space':
    case 'def':
      return [];
    case 'heading': {
      const { depth } = token as Tokens.Heading;
      return [h(`h${Math.min(6, depth + FIRST_LEVEL - 1)}`, inlinesOf(token))];
    }
    case 'paragraph':
      return [h('p', inlinesOf(token))];
    case 'code':
      return [h('pre', [h('code', (token as Tokens.Code).text)])];
    case 'blockquote':
      return [h('blockquote', blocks(token.tokens ?? []))];
    case 'hr':
      return [h('hr')];
    case 'list':
      return [list(token as Tokens.List)];
    case 'table':
      return [table(token as Tokens.Table)];
    case 'text':
      return inlinesOf(token);
    default:
      return [h('p', token.raw.trim())];
  }
}

function list({ ordered, start, items }: Tokens.List): VNode {
  const lines = items.map(({ tokens, task, checked }) =>
    h('li', [...(task ? [checked ? '☑ ' : '☐ '] : []), ...blocks(tokens)]),
  );
  if (!ordered) return h('ul', lines);
  return h('ol', typeof start === 'number' && start !== 1 ? { start } : {}, lines);
}

function table({ header, rows }: Tokens.Table): VNode {
  const cells = (tag: 'th' | 'td', row: readonly Tokens.TableCell[]) =>
    h(
      'tr',
      row.map(({ tokens, align }) => h(tag, align === null ? {} : { class: align }, inlines(tokens))),
    );
  const body = rows.map((row) => cells('td', row));
  return h('table', [h('thead', [cells('th', header)]), h('tbody', body)]);
}

function inlinesOf({ tokens, text }: Tokens.Generic): Node[] {
  return tokens === undefined ? [entities(String(text))] : inlines(tokens);
}

function inlines(tokens: readonly Token[]): Node[] {
  return tokens.flatMap((token) => inline(token as Tokens.Generic));
}

function inline(token: Tokens.Generic): Node[] {
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return [h(token.type, inlinesOf(token))];
    case 'codespan':
      return [h('code', String(token.text))];
    case 'br':
      return [h('br')];
    case 'link':
      return link(token as Tokens.Link);
    case 'image':
      return [entities(String(token.text))];
    case 'escape':
      return [String(token.text)];
    case 'text':
      return inlinesOf(token);
    case 'checkbox':
      return [];
    default:
      return [token.raw];
  }
}

/** Only to the web, in a window of its own, and without word of where it came from. */
function link({ href, tokens }: Tokens.Link): Node[] {
  const words = inlines(tokens);
  if (!/^https?:\/\//i.test(href)) return words;
  return [h('a', { href, title: href, target: '_blank', rel: 'noopener noreferrer' }, words)];
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: '\u00a0',
  ndash: '–',
  mdash: '—',
  times: '×',
  epsilon: 'ε',
};

/** Entities as the characters that they stand for; what isn't known stays. */
function entities(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return named[name] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
