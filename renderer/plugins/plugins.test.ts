import { describe, expect, it } from 'vitest';
import { h } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { markdownNodes } from './markdown.ts';
import { acceptWords, stateWords, touchWords } from './words.ts';

const html = async (markdown: string) =>
  (await renderToString(h('div', markdownNodes(markdown)))).replaceAll(/<!--[[\]]-->/g, '');

describe('a README', () => {
  it('has headings, lists, tables, code and links', async () => {
    const text =
      '# A\n\nx **y** `z<`\n\n1. a\n   - b\n\n| p | q |\n|--|--:|\n| 1 | 2 |\n\n```ts\na < b\n```\n';
    expect(await html(text)).toBe(
      '<div><h3>A</h3><p>x <strong>y</strong> <code>z&lt;</code></p>' +
        '<ol><li>a<ul><li>b</li></ul></li></ol>' +
        '<table><thead><tr><th>p</th><th class="right">q</th></tr></thead>' +
        '<tbody><tr><td>1</td><td class="right">2</td></tr></tbody></table>' +
        '<pre><code>a &lt; b</code></pre></div>',
    );
    expect(await html('[a](https://b.org/?c "t")')).toContain(
      '<a href="https://b.org/?c" title="https://b.org/?c" target="_blank" rel="noopener noreferrer">a</a>',
    );
    expect(await html('a &amp; &#x3b5; &unknown; \\*b\\*')).toBe(
      '<div><p>a &amp; ε &amp;unknown; *b*</p></div>',
    );
  });

  it.each([
    '<script>alert(1)</script>',
    'a <img src=x onerror=alert(1)> b',
    '[a](javascript:alert(1))',
    '[a](data:text/html,x)',
    '![a](https://b.org/pixel.png)',
    '<style>*{}</style>\n\nx',
    '| a |\n|--|\n| <b onclick=x>1</b> |',
    '<a href="https://b.org" style="color:red">x</a>',
  ])('never becomes markup of its writer: %s', async (text) => {
    const plain = (await html(text)).replaceAll(/<\/?(div|p|table|thead|tbody|tr|th|td)>/g, '');
    expect(plain).not.toContain('<');
  });
});

describe('words about plugins', () => {
  it('say what one may touch', () => {
    const installed = { kind: 'attack', access: 'white-box', origin: 'installed' } as const;
    expect(touchWords(installed)).toMatch(
      /^Reads its own folder; asks the model for gradients.*nothing else/,
    );
    expect(touchWords({ ...installed, origin: 'built-in' })).not.toMatch(/own folder/);
    const { access: _, ...silent } = installed;
    expect(touchWords(silent)).toMatch(/doesn’t say/);
  });

  it('say what accepting does, and how one stands', () => {
    const candidate = { id: 'a', version: '1.1.0' } as never;
    expect(acceptWords(candidate)).toBe('Install a 1.1.0');
    expect(acceptWords({ ...(candidate as object), replaces: '1.0.0' } as never)).toBe(
      'Update from 1.0.0 to 1.1.0',
    );
    expect(stateWords({ origin: 'installed', enabled: false })).toBe('installed, off');
  });
});
