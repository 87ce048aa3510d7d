'use strict';
// A Backstage backend as a company would run it, with Plumbline's actions, on loopback. Not real: it keeps everything in
// memory, signs nobody in, and in place of a pull request on GitHub it pushes a branch to a Git server of the test.

const { createBackend } = require('@backstage/backend-defaults');

process.env.NODE_ENV ??= 'production';

const backend = createBackend();
backend.add(require('@backstage/plugin-catalog-backend'));
backend.add(require('@backstage/plugin-catalog-backend-module-logs'));
backend.add(require('@backstage/plugin-catalog-backend-module-scaffolder-entity-model'));
backend.add(require('@backstage/plugin-scaffolder-backend'));
backend.add(require('../../../examples/backstage/actions'));
backend.add(require('./pullrequest'));
backend.start();
