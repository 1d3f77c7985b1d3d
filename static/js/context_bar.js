// The context bar stays in sight, in two rows: active filters beyond the width of the first one go into its menu "+n".
"use strict";

const WIDE = matchMedia("(min-width: 761px)");

function fitChips() {
  const list = document.querySelector("#context .chips");
  const more = list?.querySelector(".more-chips");
  if (!more) return;
  const menu = more.querySelector("ul");
  more.before(...menu.children);
  more.hidden = true;
  list.classList.remove("is-fitted");
  if (WIDE.matches) menu.append(...chipsBeyond(list, more));
  more.querySelector("[data-count]").textContent = menu.children.length;
  more.hidden = !menu.children.length;
  list.classList.add("is-fitted");
}

function chipsBeyond(list, more) {
  if (list.scrollWidth <= list.clientWidth) return [];
  more.hidden = false;
  const chips = [...list.querySelectorAll(":scope > .chip")];
  more.querySelector("[data-count]").textContent = chips.length;
  // From here on, the menu and what follows it need their width at the end of the row.
  const end = list.clientWidth - (list.scrollWidth - more.offsetLeft);
  return chips.filter((chip) => chip.offsetLeft + chip.offsetWidth > end);
}

// What sticks below the bar, and where a link to a place of the page scrolls to.
function showHeight() {
  const bar = document.getElementById("context");
  const isStuck = bar && getComputedStyle(bar).position === "sticky";
  document.documentElement.style.setProperty("--context", `${isStuck ? bar.offsetHeight : 0}px`);
}

function fit() {
  fitChips();
  showHeight();
}

for (const name of ["htmx:afterSettle", "htmx:historyRestore"]) document.addEventListener(name, fit);
addEventListener("resize", fit);
document.fonts.ready.then(fit);
fit();
