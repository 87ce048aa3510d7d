'use strict';
// Bundles the page into the folder that it is given, from the packages on NODE_PATH.

const { build } = require('esbuild');
const { cp } = require('node:fs/promises');
const { join } = require('node:path');

const out = process.argv[2];

// What bundles for browsers have to say for packages that were written for Node too.
const shims = `
import { Buffer } from 'buffer';
import process from 'process/browser';
globalThis.Buffer ??= Buffer;
globalThis.process ??= process;
`;

const provideShims = {
  name: 'shims',
  setup(b) {
    b.onResolve({ filter: /^shims$/ }, () => ({ path: 'shims', namespace: 'shims' }));
    b.onLoad({ filter: /.*/, namespace: 'shims' }, () => ({ contents: shims, resolveDir: process.env.NODE_PATH }));
  },
};

build({
  stdin: { contents: `import 'shims'; import './index.jsx';`, resolveDir: __dirname },
  outfile: join(out, 'index.js'),
  bundle: true,
  format: 'esm',
  minify: true,
  nodePaths: [process.env.NODE_PATH],
  alias: { stream: 'stream-browserify' },
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.APP_CONFIG': '[]', global: 'globalThis' },
  loader: { '.svg': 'dataurl', '.png': 'dataurl', '.woff': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl', '.eot': 'dataurl', '.gif': 'dataurl' },
  logLevel: 'error',
  plugins: [provideShims],
})
  .then(() => cp(join(__dirname, 'index.html'), join(out, 'index.html')))
  .catch(() => process.exit(1));
