/** Starts the page: first the session, then everything that needs one. */

import { showAccounts } from './accounts.js';
import { showAudit } from './audit.js';
import { showBackups } from './backups.js';
import { startBrightness } from './brightness.js';
import { menuAt } from './dialog.js';
import { byId, setText } from './dom.js';
import { showHealth } from './health.js';
import { drawIcons } from './icons.js';
import { startLibrary } from './library.js';
import { connect, disconnect } from './live.js';
import { loadCatalogues, status } from './model.js';
import { startNotices } from './notices.js';
import { startOutputs } from './outputs.js';
import { startPlaylist } from './playlist.js';
import { startPreview } from './preview.js';
import { bringDevice, changePassword, signOut, startSession } from './session.js';
import { startSystem, systemCommands } from './system.js';
import { startTabs } from './tabs.js';
import { report } from './toast.js';
import { showTokens } from './tokens.js';
import { startTransport } from './transport.js';
import { startUploads } from './uploads.js';
import { may, nameOf, session } from './who.js';

drawIcons();
startTabs();
startPreview();
startTransport();
startBrightness();
startPlaylist();
startLibrary();
startUploads();
startOutputs();
startNotices();
startSystem();

const version = byId('version', HTMLElement);
status.follow((now) => {
  if (now) setText(version, `Version ${now.version}`);
});

const who = byId('who', HTMLElement);
session.follow((now) => {
  document.body.dataset.role = now?.role ?? '';
  setText(who, now ? nameOf(now) : '');
});

/** @import { Command } from './dialog.js' */
menuAt(
  byId('menu', HTMLButtonElement),
  () => {
    const own = session.value?.kind === 'account';
    /** @type {(Command | false)[]} */
    const all = [
      { label: 'Sign in another device', icon: 'phone', run: () => bringDevice().catch(report) },
      own && { label: 'Change password', icon: 'key', run: changePassword },
      { label: 'API tokens', icon: 'terminal', run: () => showTokens().catch(report) },
      { label: 'Health', icon: 'check', run: () => showHealth().catch(report) },
      may('admin') && { label: 'Accounts', icon: 'people', run: () => showAccounts().catch(report) },
      may('admin') && { label: 'Backups', icon: 'archive', run: () => showBackups().catch(report) },
      may('admin') && { label: 'Audit log', icon: 'list', run: () => showAudit().catch(report) },
      ...(may('admin') ? systemCommands() : []),
      { label: 'Sign out', icon: 'exit', run: () => signOut().catch(report) },
    ];
    return all.filter((one) => one !== false);
  },
  () => (session.value ? `${nameOf(session.value)} · ${session.value.role}` : ''),
);

await startSession({
  signedIn: () => {
    connect();
    if (may('operator')) loadCatalogues().catch(report);
  },
  signedOut: disconnect,
});
