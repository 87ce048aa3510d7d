// Backstage's page with the catalog and the scaffolder, as its plugins ship them. Where it is served, its backend is.
import React from 'react';
import ReactDOM from 'react-dom/client';
import { createApp } from '@backstage/frontend-defaults';
import { ConfigReader } from '@backstage/core-app-api';
import catalog from '@backstage/plugin-catalog/alpha';
import catalogGraph from '@backstage/plugin-catalog-graph/alpha';
import scaffolder from '@backstage/plugin-scaffolder/alpha';
import '@backstage/ui/css/styles.css';

const baseUrl = window.location.origin;

const app = createApp({
  features: [catalog, catalogGraph, scaffolder],
  advanced: {
    configLoader: async () => ({
      config: new ConfigReader({
        app: { title: 'Plumbline', baseUrl, extensions: [{ 'entity-card:catalog-graph/relations': true }] },
        organization: { name: 'Example' },
        backend: { baseUrl },
      }),
    }),
  },
});

ReactDOM.createRoot(document.getElementById('root')).render(app.createRoot());
