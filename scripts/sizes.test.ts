import { describe, expect, it } from 'vitest';
import { codeLines, MOST_FUNCTION_LINES, MOST_LINES, tooLong } from './sizes.ts';
import { scriptOf } from './sources.ts';

const source = (path: string, text: string) => ({ path, text, script: text });
const body = (lines: number) => Array(lines).fill('  call();').join('\n');

describe('limits of size', () => {
  it('counts a file’s lines up to the limit and not one more', () => {
    expect(tooLong(source('a.ts', `${'x;\n'.repeat(MOST_LINES)}`))).toEqual([]);
    expect(tooLong(source('a.ts', `${'x;\n'.repeat(MOST_LINES + 1)}`))).toMatchObject([
      { lines: MOST_LINES + 1 },
    ]);
  });

  it('names the function that is too long, with its line', () => {
    const fits = `function fits() {\n${body(MOST_FUNCTION_LINES - 2)}\n}\n`;
    const long = `const long = () => {\n${body(MOST_FUNCTION_LINES - 1)}\n};\n`;
    expect(tooLong(source('a.ts', fits + long))).toEqual([
      { path: 'a.ts', line: MOST_FUNCTION_LINES + 1, name: 'long', lines: MOST_FUNCTION_LINES + 1 },
    ]);
    expect(tooLong(source('a.test.ts', fits + long))).toEqual([]);
  });

  it('leaves comments and blank lines out of the count', () => {
    expect(codeLines('/** What\n * it does. */\n\nconst a = 1; // why\n// no\n')).toBe(1);
  });

  it('takes a component’s script on the lines where it stands', () => {
    const script = scriptOf('<template>\n</template>\n<script setup lang="ts">\nconst a = 1;\n</script>\n');
    expect(script.split('\n')).toEqual(['', '', '', 'const a = 1;', '']);
  });
});
