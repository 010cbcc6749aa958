import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

/** The bundles of the desktop and, in `out/renderer`, of both hosts. The engine and the command line run from source. */
export default defineConfig({
  main: {
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
