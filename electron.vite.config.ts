import { dirname, relative, resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

/**
 * Bundles the modules that are named as `new URL('./worker.ts', import.meta.url)`: a worker runs from source as
 * such, but no bundler for Node follows it.
 */
function modulesByUrl(): Plugin {
  return {
    name: 'halftone:modules-by-url',
    // Before TypeScript is taken out, so that the text is as it was written.
    enforce: 'pre',
    transform(code, importer) {
      const named = /new URL\('(\.[^']+\.ts)', import\.meta\.url\)/g;
      if (!named.test(code)) return null;
      return code.replaceAll(named, (_, path: string) => {
        const chunk = this.emitFile({ type: 'chunk', id: resolve(dirname(importer), path) });
        return `new URL('module-by-url:${chunk}', import.meta.url)`;
      });
    },
    generateBundle(_, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue;
        output.code = output.code.replaceAll(/module-by-url:([\w$-]+)/g, (_, chunk: string) => {
          const path = relative(dirname(output.fileName), this.getFileName(chunk));
          return `./${path.replaceAll('\\', '/')}`;
        });
      }
    },
  };
}

/** The bundles of the desktop and, in `out/renderer`, of both hosts. The engine and the command line run from source. */
export default defineConfig({
  main: {
    plugins: [modulesByUrl()],
    build: {
      outDir: 'out/main',
      // The sdk is TypeScript in this tree: it is bundled, whatever else stays in node_modules.
      externalizeDeps: { exclude: ['@halftone/sdk'] },
      rollupOptions: {
        input: { index: 'electron/main.ts' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { index: 'electron/preload.ts' },
        // A sandboxed preload script is CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    // Relative addresses: the desktop serves the files under a scheme of its own.
    base: './',
    plugins: [vue()],
    // Module workers: the finder loads OpenCV by a dynamic import.
    worker: { format: 'es' },
    build: {
      outDir: 'out/renderer',
      target: 'es2023',
      minify: true,
      rollupOptions: { input: { index: 'renderer/index.html' } },
    },
  },
});
