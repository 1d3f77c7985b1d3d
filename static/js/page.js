// Shared by all pages: theme, menus, copying, the jump box, and htmx behaviour. Every page works without it.
"use strict";

const root = document.documentElement;

// --- Preferences: the server writes the cookies to <html>, so the next page never flashes the wrong theme.
function remember(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  root.dataset[name] = value;
  document.dispatchEvent(new CustomEvent("tollbook:look"));
}

function otherTheme() {
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  return isDark ? "light" : "dark";
}

// --- A short message at the bottom of the page, which screen readers announce.
let toast;
let toastTimer;

function showToast(text, milliseconds = 2600) {
  if (!toast) {
    toast = Object.assign(document.createElement("div"), { className: "toast", role: "status", hidden: true });
    document.body.append(toast);
  }
  toast.hidden = false;
  toast.textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { toast.hidden = true; }, milliseconds);
}

// Other scripts of the page have their own names.
document.addEventListener("tollbook:toast", ({ detail }) => showToast(detail.text, detail.ms));

async function copy(text, message) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyWithoutClipboardApi(text);
  }
  showToast(message);
}

// Browsers offer the clipboard API only over HTTPS and on localhost.
function copyWithoutClipboardApi(text) {
  const area = Object.assign(document.createElement("textarea"), { value: text, className: "visually-hidden" });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

const CLICKS = {
  "[data-theme-toggle]": () => remember("theme", otherTheme()),
  "[data-density]": (button) => {
    remember("density", button.dataset.density);
    for (const choice of button.parentElement.querySelectorAll("[data-density]")) {
      choice.setAttribute("aria-pressed", String(choice === button));
    }
  },
  "[data-copy]": (button) => copy(button.dataset.copy, button.title.replace("Copy", "Copied")),
  "[data-copy-link]": (link) => {
    closeMenus();
    copy(link.href, "Link copied");
  },
};

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  for (const [selector, handle] of Object.entries(CLICKS)) {
    const element = event.target.closest(selector);
    if (!element || element === root) continue;
    event.preventDefault();
    handle(element);
    return;
  }
});

// A menu closes when the focus goes elsewhere. A click on plain text focuses what is around the menu: it stays open.
document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const menu = target.closest("details.menu[open]");
  if (menu && relatedTarget && !menu.contains(relatedTarget) && !relatedTarget.contains(menu)) menu.open = false;
});

// A click anywhere on a row follows its link, also where the link does not cover the row.
document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.target.closest("a, button, input, summary")) return;
  if (String(getSelection())) return;
  event.target.closest("tr.opens")?.querySelector(".row-link")?.click();
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") {
    const open = event.target.closest("details.menu[open]");
    closeMenus();
    open?.querySelector("summary").focus();
  } else if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.querySelector("[data-jump]")?.select();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    moveInMenu(event);
  }
});

function moveInMenu(event) {
  const menu = event.target.closest("details.menu[open]");
  if (!menu || event.target.closest("input:not([type=checkbox])")) return;
  const items = [...menu.querySelectorAll(".menu-panel a[href], .menu-panel button, .menu-panel input:not([type=hidden])")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  const at = items.indexOf(document.activeElement);
  event.preventDefault();
  items[(at + step + items.length) % items.length]?.focus();
}

// --- htmx: URLs without empty fields.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") return;
  for (const [name, value] of [...detail.formData.entries()]) {
    if (value === "") detail.formData.delete(name);
  }
});

// While the first history is read, the page updates itself, but not while someone uses it.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches("[data-live]")) return;
  const isInUse = document.getElementById("results")?.contains(document.activeElement);
  if (document.hidden || isInUse || document.querySelector(".chart:hover, details.menu[open]")) event.preventDefault();
});

// A page that updates itself while the first history is read, and a part that is loaded when it is opened, are not
// answers that someone waits for in place of the present figures.
const BY_THE_WAY = "[data-live], [data-late]";

// Screen readers announce the new total. If the focused link was replaced, focus moves to the content.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.requestConfig?.elt?.matches(BY_THE_WAY)) return;
  const figure = document.querySelector("[data-announce]");
  if (figure) document.getElementById("announcer").textContent = `${figure.dataset.announce} ${figure.textContent}`;
  if (document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
});
