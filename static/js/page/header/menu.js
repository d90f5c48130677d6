/** The menu of the room: what one can choose, and where one can go. It is a popover, so that Esc and a click beside it close it. */

import { part, setText } from '../dom/element.js';
import { notificationState, setNotifications } from '../notifications/permission.js';
import { get, set } from '../storage/settings.js';

const NOTIFY_HINTS = {
  on: 'While you look at something else',
  mentions: 'While you look at something else',
  off: 'Your browser may ask you first',
  denied: 'Your browser blocks them for this site',
  missing: 'Your browser has none for this site',
};

/** @typedef {{onSwitch: () => void, onSearch: () => void, onHelp: () => void, onRename: () => void, onSignOut: () => void}} MenuActions */

export class Menu {
  #popover = part('menu', HTMLDialogElement);
  #theme = part('menu-theme', HTMLFieldSetElement);
  #notify = part('menu-notify', HTMLInputElement);
  #notifyHint = part('menu-notify-hint', HTMLElement);
  #onlyMentions = part('menu-mentions', HTMLInputElement);
  #joins = part('menu-joins', HTMLInputElement);
  #name = part('menu-name', HTMLElement);

  /** @param {{room: string, myName: () => string, has: (feature: string) => boolean} & MenuActions} ports  `has`: what the server offers */
  constructor({ room, myName, has, ...actions }) {
    this.room = room;
    this.myName = myName;
    this.has = has;
    this.#popover.addEventListener('beforetoggle', () => this.#show());
    this.#popover.addEventListener('focusout', ({ relatedTarget }) => this.#left(relatedTarget));
    this.#theme.addEventListener('change', ({ target }) => set('theme', /** @type {HTMLInputElement} */ (target).value));
    this.#joins.addEventListener('change', () => set('joins', this.#joins.checked ? 'shown' : 'hidden'));
    for (const choice of [this.#notify, this.#onlyMentions]) choice.addEventListener('change', () => this.#setNotifications());
    this.#leadTo('menu-switch', actions.onSwitch);
    this.#leadTo('menu-search', actions.onSearch);
    this.#leadTo('menu-shortcuts', actions.onHelp);
    this.#leadTo('menu-rename', actions.onRename);
    this.#leadTo('menu-sign-out', actions.onSignOut);
    this.look(); // the browser opens it also before there is a script
  }

  /** What the server offers may be known by now. */
  look() {
    if (this.isOpen) this.#show();
  }

  get isOpen() {
    return this.#popover.matches(':popover-open');
  }

  /** The focus goes back to the button that has opened it. */
  close() {
    this.#popover.hidePopover();
  }

  /**
   * @param {string} id
   * @param {() => void} action
   */
  #leadTo(id, action) {
    part(id, HTMLButtonElement).addEventListener('click', () => {
      this.close();
      action();
    });
  }

  /** Whoever goes on by Tab sees where they are. Its own button closes it by itself. @param {EventTarget | null} to */
  #left(to) {
    if (to instanceof Node && !this.#popover.contains(to) && to !== part('menu-open', HTMLElement)) this.close();
  }

  #show() {
    for (const choice of this.#theme.querySelectorAll('input')) choice.checked = choice.value === get('theme');
    this.#joins.checked = get('joins') === 'shown';
    setText(this.#name, this.myName());
    part('menu-search', HTMLButtonElement).hidden = !this.has('search');
    this.#showNotifications();
  }

  #showNotifications() {
    const state = notificationState(this.room);
    const isOn = state === 'on' || state === 'mentions';
    this.#notify.checked = isOn;
    this.#onlyMentions.checked = state === 'mentions';
    part('menu-mentions-row', HTMLElement).hidden = !isOn || !this.has('message.mentions');
    this.#notify.disabled = state === 'missing' || state === 'denied';
    setText(this.#notifyHint, NOTIFY_HINTS[state]);
  }

  async #setNotifications() {
    const wanted = this.#onlyMentions.checked ? 'mentions' : 'on';
    await setNotifications(this.room, this.#notify.checked ? wanted : 'off');
    this.#showNotifications();
  }
}
