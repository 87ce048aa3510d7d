'use strict';
// Opens Backstage's page in a headless Chromium as a developer does: fills the form, is refused, corrects it, and looks at
// an environment in the catalog. It fails if the page does not say what it must, and keeps a picture of each step.
//
//   node drive.js <url of the page> <folder for pictures> <path of Chromium> <name of an environment>

const { chromium } = require('playwright-core');
const { join } = require('node:path');

const [url, pictures, browserPath, environment] = process.argv.slice(2);

async function main() {
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-gpu'] });
  const page = await browser.newPage({ viewport: { width: 1100, height: 760 } });
  page.setDefaultTimeout(60_000);
  page.on('dialog', dialog => dialog.accept());
  const keep = name => page.screenshot({ path: join(pictures, `${name}.png`) });

  await page.goto(`${url}/create/templates/default/service-environment`);
  await page.getByRole('button', { name: 'Enter' }).click();

  const owner = page.getByRole('textbox').first();
  await owner.fill('payments');
  await page.getByRole('option', { name: 'payments' }).click();
  await page.getByRole('button', { name: 'Next' }).click();

  await page.getByLabel(/^Service/).fill('Check_out');
  await page.getByLabel(/^Environment/).fill('prod');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('must match pattern').first().waitFor();
  await keep('form-refused');

  await page.getByLabel(/^Service/).fill('checkout');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('Members').first().waitFor();
  await keep('form');

  await page.goto(`${url}/catalog/default/component/${environment}`);
  await page.getByText(`namespace-${environment}`).first().waitFor({ state: 'attached' }); // In the graph of relations.
  await keep('environment');
  await browser.close();
}

main().catch(error => {
  console.error(error);
  process.exit(1);
});
