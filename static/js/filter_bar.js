// Applies filters: a choice at once, typed text after a pause. The form is never replaced, so typing can go on.
"use strict";

const PAUSE_MS = 350;
let pause;
let lastTypedField = null;
let lastQuery = null;

function apply(form, field) {
  clearTimeout(pause);
  const isTyped = field?.matches("input:not([type=checkbox])") ?? false;
  // One history entry for typing in a field, not one for each pause.
  form.dataset.continuesTyping = String(isTyped && lastTypedField === field);
  lastTypedField = isTyped ? field : null;
  lastQuery = new URLSearchParams(new FormData(form)).toString();
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
  if (form && new URLSearchParams(new FormData(form)).toString() !== lastQuery) apply(form, target);
});

document.addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
  const form = document.getElementById("filters");
  if (form?.dataset.continuesTyping === "true" && detail.history.type === "push") detail.history.type = "replace";
});

// The button of each menu shows the number of chosen values. It is not replaced either.
document.addEventListener("input", ({ target }) => {
  const menu = target.closest("#filters details.menu");
  if (menu) showCount(menu);
});

// After a failed request, the fields are as before it.
document.addEventListener("tollbook:restored", ({ target: form }) => {
  clearTimeout(pause);
  lastTypedField = lastQuery = null;
  for (const menu of form.querySelectorAll("details.menu")) showCount(menu);
});

function showCount(menu) {
  const fields = [...menu.querySelectorAll("input:not([type=hidden], [type=checkbox]), select")];
  const chosen = menu.querySelectorAll(":checked:not(option)").length + fields.filter((field) => field.value).length;
  const summary = menu.querySelector("summary");
  summary.classList.toggle("active", chosen > 0);
  summary.querySelector(".num")?.remove();
  if (chosen) summary.append(Object.assign(document.createElement("span"), { className: "num", textContent: chosen }));
}
