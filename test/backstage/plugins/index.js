'use strict';
// A Backstage backend with the Kubernetes plugin and TeraSky's kubernetes-ingestor and crossplane-resources, which read claims of a
// control plane.

const { createBackend } = require('@backstage/backend-defaults');

const backend = createBackend();
backend.add(require('@backstage/plugin-catalog-backend'));
backend.add(require('@backstage/plugin-kubernetes-backend'));
backend.add(require('@terasky/backstage-plugin-kubernetes-ingestor'));
backend.add(require('@terasky/backstage-plugin-crossplane-resources-backend'));
backend.start();
