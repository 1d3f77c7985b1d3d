// What every page has: theme, menus, copying, the jump box, and how htmx behaves. Every page works without it.
"use strict";

const root = document.documentElement;

// --- Preferences: the server prints them on <html>, so the next page has them from its first line on.
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

// --- A short word at the foot of the page, read out too.
let toast;
let toastTimer;

function say(text) {
  if (!toast) {
    toast = Object.assign(document.createElement("div"), { className: "toast", role: "status", hidden: true });
    document.body.append(toast);
  }
  toast.hidden = false;
  toast.textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { toast.hidden = true; }, 2600);
}

async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyByHand(text);
  }
  say(said);
}

// Plain http on another machine has no clipboard API.
function copyByHand(text) {
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
    for (const one of button.parentElement.querySelectorAll("[data-density]")) {
      one.setAttribute("aria-pressed", String(one === button));
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
  for (const [selector, act] of Object.entries(CLICKS)) {
    const found = event.target.closest(selector);
    if (!found || found === root) continue;
    event.preventDefault();
    act(found);
    return;
  }
});

// A row opens by its first link; where that link cannot cover the row, the row passes the click on.
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

// --- htmx: addresses without empty fields, and plain words when the server does not answer.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") return;
  for (const [name, value] of [...detail.formData.entries()]) {
    if (value === "") detail.formData.delete(name);
  }
});

// While the first history comes in the figures follow it, but not under the hands of whoever is reading them.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches("[data-live]")) return;
  const isRead = document.getElementById("results")?.contains(document.activeElement);
  if (document.hidden || isRead || document.querySelector(".chart:hover, details.menu[open]")) event.preventDefault();
});

// Who does not see the new figures hears them; who followed a link that is gone goes on at the content.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.requestConfig?.elt?.matches("[data-live]")) return;
  const figure = document.querySelector("[data-announce]");
  if (figure) document.getElementById("announcer").textContent = `${figure.dataset.announce} ${figure.textContent}`;
  if (document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
});

document.addEventListener("htmx:responseError", ({ detail }) => {
  say(`The server answered with an error (${detail.xhr.status}). Nothing was changed; try again.`);
});

document.addEventListener("htmx:sendError", () => say("The server cannot be reached. Try again in a moment."));
