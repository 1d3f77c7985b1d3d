// What every htmx request shows: after a moment a skeleton and a thin line on top; when it fails, the controls as before.
"use strict";

const LOADING_AFTER_MS = 150;
const requests = new Set();
let loadingTimer;
// What the fields of #filters were when the page got its present content, by name and position.
let shownFields = new Map();
let sentFields = new Map();

function isOwn(event) {
  return !event.detail.requestConfig?.elt?.matches(BY_THE_WAY) && !event.target.matches(BY_THE_WAY);
}

function showLoading(isLoading) {
  document.documentElement.classList.toggle("is-loading", isLoading);
  const results = document.getElementById("results");
  if (isLoading) results?.setAttribute("aria-busy", "true");
  else results?.removeAttribute("aria-busy");
}

document.addEventListener("htmx:beforeSend", (event) => {
  if (!isOwn(event)) return;
  requests.add(event.detail.xhr);
  sentFields = fields();
  clearTimeout(loadingTimer);
  loadingTimer = setTimeout(() => showLoading(true), LOADING_AFTER_MS);
});

// Also sent for a request that was replaced by the next one, which is then still on its way.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!requests.delete(detail.xhr) || requests.size) return;
  clearTimeout(loadingTimer);
  showLoading(false);
});

// --- The fields of the filters.
function fieldsOf(form) {
  const seen = new Map();
  return [...form.elements].filter((field) => field.name && field.type !== "hidden").map((field) => {
    const isCheckbox = field.type === "checkbox";
    const name = isCheckbox ? `${field.name}=${field.value}` : field.name;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return { field, key: `${name} ${seen.get(name)}`, property: isCheckbox ? "checked" : "value" };
  });
}

function fields() {
  const form = document.getElementById("filters");
  return new Map(form ? fieldsOf(form).map(({ field, key, property }) => [key, field[property]]) : []);
}

function putBack() {
  const form = document.getElementById("filters");
  for (const other of document.querySelectorAll(".context form:not(#filters)")) other.reset();
  if (!form) return;
  for (const { field, key, property } of fieldsOf(form)) {
    if (shownFields.has(key)) field[property] = shownFields.get(key);
  }
  form.dispatchEvent(new CustomEvent("tollbook:restored", { bubbles: true }));
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (!isOwn(event)) return;
  const isNew = event.detail.target?.id === "page";
  shownFields = isNew ? fields() : sentFields;
});

function failed(message) {
  return (event) => {
    if (!isOwn(event)) return;
    putBack();
    const toast = { text: message(event.detail), ms: 6000 };
    document.dispatchEvent(new CustomEvent("tollbook:toast", { detail: toast }));
  };
}

document.addEventListener("htmx:responseError", failed(({ xhr }) => `The server answered with an error (${xhr.status}). The page still shows what it showed before; try again.`));
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, failed(() => "The server cannot be reached. The page still shows what it showed before; try again in a moment."));
}

document.body.append(Object.assign(document.createElement("div"), { className: "progress-line" }));
shownFields = fields();
