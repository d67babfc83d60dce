/**
 * The WAI-ARIA tabs pattern with automatic activation. The open tab is named
 * in the URL's hash: `tab-iris` is `#iris`.
 * @param {HTMLElement} list
 * @param {(name: string) => void} onSelect called at the start and on each change
 */
export function createTabs(list, onSelect) {
  /** @type {HTMLElement[]} */
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const name = (/** @type {HTMLElement} */ tab) => tab.id.replace("tab-", "");
  const fromHash = () => tabs.find((tab) => `#${name(tab)}` === location.hash) ?? tabs[0];
  /** @type {HTMLElement | undefined} */
  let selected;

  function select(/** @type {HTMLElement} */ tab) {
    if (tab === selected) return;
    selected = tab;
    for (const each of tabs) {
      const open = each === tab;
      each.setAttribute("aria-selected", String(open));
      each.tabIndex = open ? 0 : -1;
      document.getElementById(each.getAttribute("aria-controls")).hidden = !open;
    }
    onSelect(name(tab));
  }

  function choose(/** @type {HTMLElement} */ tab) {
    if (tab === selected) return;
    select(tab);
    history.pushState(null, "", `#${name(tab)}`);
  }

  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) choose(tab);
  });

  list.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = tabs.indexOf(selected);
    const to = {
      ArrowRight: (at + 1) % tabs.length,
      ArrowLeft: (at - 1 + tabs.length) % tabs.length,
      Home: 0,
      End: tabs.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(tabs[to]);
    tabs[to].focus();
  });

  // Fires for Back, Forward and an edited address alike.
  addEventListener("popstate", () => select(fromHash()));
  select(fromHash());
}
