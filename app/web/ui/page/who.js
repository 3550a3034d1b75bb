/** Who is signed in, and what they may do. What they may not is not made, or hidden by `data-least` on elements. */

/** @import { Role, Session } from './types.js' */
import { Signal } from './signal.js';
import { t } from './words.js';

/** @type {Role[]} */
export const ROLES = ['viewer', 'operator', 'admin'];

export const session = new Signal(/** @type {Session | null} */ (null));

/** Whether whoever is signed in has at least this role. @param {Role} role */
export function may(role) {
  return session.value !== null && ROLES.indexOf(session.value.role) >= ROLES.indexOf(role);
}

/** How they are called. @param {Session} now */
export function nameOf(now) {
  return now.name ?? (now.kind === 'link' ? t('who.link') : t('who.unnamed'));
}
