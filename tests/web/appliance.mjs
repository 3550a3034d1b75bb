/**
 * What an operator does at an appliance's page to update it, from the upload until the new system is confirmed to run:
 * `appliance.mjs ORIGIN NAME PASSWORD BUNDLE VERSION`. The tests of the appliance run it, and see to the machine meanwhile.
 */

import assert from 'node:assert/strict';
import { CUT, accessible, dialog, go, inside, openBrowser, shoot, signIn, visit } from './browser.mjs';

/** An emulated processor takes its time, for a start above all. */
const PATIENCE_MS = 900_000;

const [origin, name, password, bundle, version] = process.argv.slice(2);
const browser = await openBrowser();
const page = await visit(browser, origin, { expected: CUT });
page.setDefaultTimeout(PATIENCE_MS);
const button = (words) => page.getByRole('button', { name: words, exact: true });

await page.goto(origin);
await signIn(page, name, password);
await inside(page);
await go(page, 'system/updates');
await page.getByText('No update is under way.').waitFor();
await page.getByText('Slot A, 1').first().waitFor();

const choosing = page.waitForEvent('filechooser');
await button('Upload a bundle').click();
await (await choosing).setFiles(bundle);
const bar = page.getByRole('progressbar', { name: 'Progress of the update' });
await bar.waitFor();
await page.getByText(/^\d+ ?%$/).waitFor();
await page.getByText('Ready to be installed.').waitFor();
await page.getByText(`${version} (in place of 1)`).waitFor();
await page.locator('.update-bundle').getByText('signer').waitFor();
await shoot(page, 'appliance-inspected');

await button('Install').click();
await dialog(page).getByRole('combobox').selectOption('wait');
await dialog(page).getByRole('button', { name: 'Install it' }).click();
await page.getByText(/^\d+ ?% · Copying image/).waitFor();
await shoot(page, 'appliance-installing');
await page.getByText(`Installed: the machine has to reboot into Slot B, ${version}.`).waitFor();
await accessible(page, 'an installed update');
await button('Reboot now').click();

// Nothing is done here until the page is back: it finds the machine by itself.
await page.getByText('The machine is rebooting. This page comes back by itself.').waitFor();
await shoot(page, 'appliance-rebooting');
// From the moment it went, however often it is nearly there in between.
await page.getByText(/Prismatron is back\. It was away for (\d\d s|\d+ min)/).waitFor();
await page.getByText(`Slot B, ${version}`).first().waitFor();
await shoot(page, 'appliance-back');
await page.getByText('No update is under way.').waitFor();
await page.getByText('Slot A, 1').first().waitFor();
assert.deepEqual(page.complaints, []);
await browser.close();
