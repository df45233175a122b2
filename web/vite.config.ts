import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The page as static files, which any host may serve: nothing in them is particular to one relay. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  // An asset inlined as data: would need a looser Content-Security-Policy.
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, modulePreload: false },
  worker: { format: 'es' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
