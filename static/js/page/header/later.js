/**
 * What is opened now and then. It comes when it is wanted, or when the page has nothing else to load: a tab may outlive its
 * build, and a server has only the files of its own.
 */

import { rememberedRetentionMs } from '../storage/retention.js';

const QUIET_MS = 10_000;

export const later = {
  actions: () => import('../actions/opened.js'),
  completion: () => import('../composer/completion.js'),
  emoji: () => import('../emoji/emoji-picker.js'),
  files: () => import('../files/tools.js').then(({ forgetFilesBefore }) => forgetFilesBefore(Date.now() - rememberedRetentionMs())),
  form: () => import('../form/parts.js'),
  lightbox: () => import('../files/lightbox.js'),
  invite: () => import('../invite/invite.js'),
  notify: () => import('../notifications/notify.js'),
  qrCode: () => import('../invite/qr-code.js'),
  search: () => import('../search/search-dialog.js'),
  shortcuts: () => import('./shortcuts.js'),
  signOut: () => import('../identity/sign-out.js'),
  shownFiles: () => import('../files/shown-files.js'),
  switcher: () => import('../rooms/switcher.js'),
  tray: () => import('../files/tray.js'),
};

/** Call it when the page is ready. What does not come is asked for again when it is wanted. */
export function loadInPeace() {
  setTimeout(() => Promise.allSettled(Object.values(later).map((load) => load())), QUIET_MS);
}
