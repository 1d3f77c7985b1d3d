// Filters apply at once: a choice immediately, typing after a pause. The form itself is never replaced, so typing goes on.
"use strict";

const PAUSE_MS = 350;
let pause;
let typedIn = null;
let sent = null;

function apply(form, field) {
  clearTimeout(pause);
  const isTyped = field?.matches("input:not([type=checkbox])") ?? false;
  // One step back in the history for one word, not for each of its letters.
  form.dataset.goesOn = String(isTyped && typedIn === field);
  typedIn = isTyped ? field : null;
  sent = new URLSearchParams(new FormData(form)).toString();
  form.dispatchEvent(new CustomEvent("tollbook:filter"));
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest("#filters");
  if (!form || !target.matches("input:not([type=checkbox])")) return;
  clearTimeout(pause);
  pause = setTimeout(() => apply(form, target), PAUSE_MS);
});

document.addEventListener("change", ({ target }) => {
  const form = target.closest("#filters");
  if (form && new URLSearchParams(new FormData(form)).toString() !== sent) apply(form, target);
});

document.addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
  const form = document.getElementById("filters");
  if (form?.dataset.goesOn === "true" && detail.history.type === "push") detail.history.type = "replace";
});

// How many are chosen stands on each menu's button, which is not replaced either.
document.addEventListener("input", ({ target }) => {
  const menu = target.closest("#filters details.menu");
  if (!menu) return;
  const fields = [...menu.querySelectorAll("input:not([type=hidden], [type=checkbox]), select")];
  const chosen = menu.querySelectorAll(":checked:not(option)").length + fields.filter((field) => field.value).length;
  const summary = menu.querySelector("summary");
  summary.classList.toggle("active", chosen > 0);
  summary.querySelector(".num")?.remove();
  if (chosen) summary.append(Object.assign(document.createElement("span"), { className: "num", textContent: chosen }));
});
