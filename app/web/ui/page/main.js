/** Starts the page: first the session, then everything that needs one. */

import { startBrightness } from './brightness.js';
import { menuAt } from './dialog.js';
import { byId, setText } from './dom.js';
import { drawIcons } from './icons.js';
import { startLibrary } from './library.js';
import { connect, disconnect } from './live.js';
import { loadCatalogues, status } from './model.js';
import { startNotices } from './notices.js';
import { startOutputs } from './outputs.js';
import { startPlaylist } from './playlist.js';
import { startPreview } from './preview.js';
import { bringDevice, setPassword, signOut, startSession } from './session.js';
import { startSystem, systemCommands } from './system.js';
import { startTabs } from './tabs.js';
import { report } from './toast.js';
import { startTransport } from './transport.js';
import { startUploads } from './uploads.js';

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

menuAt(byId('menu', HTMLButtonElement), () => [
  { label: 'Sign in another device', icon: 'phone', run: () => bringDevice().catch(report) },
  { label: 'Set a password', icon: 'key', run: setPassword },
  ...systemCommands(),
  { label: 'Sign out', icon: 'exit', run: () => signOut().catch(report) },
]);

await startSession({
  signedIn: () => {
    connect();
    loadCatalogues().catch(report);
  },
  signedOut: disconnect,
});
