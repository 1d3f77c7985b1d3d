// The table of days is sorted where it is: it has every row. The address keeps the figures, not their order.
"use strict";

const NANO_DIGITS = 9;
// By the name of a column, so that another filter keeps the order.
let dayOrder = null;

// Exact: a float would lose the last digits of large sums.
function sortValue(row, column) {
  const cell = row.cells[column];
  if (!column) return new URLSearchParams(cell.querySelector("a").search).get("start");
  const text = (cell.ariaLabel ?? cell.textContent).replace("\u2212", "-").replace(/[^\d.-]/g, "");
  if (!text) return -1n; // no minutes are billed
  const [whole, fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(NANO_DIGITS, "0"));
}

function sortRows(table, column, direction) {
  const sign = direction === "ascending" ? 1 : -1;
  const rows = [...table.tBodies[0].rows].map((row) => [sortValue(row, column), row]);
  rows.sort(([a], [b]) => (a === b ? 0 : a < b ? -sign : sign));
  table.tBodies[0].append(...rows.map(([, row]) => row));
  markSorted(table, column, direction);
}

function markSorted(table, column, direction) {
  for (const [place, header] of [...table.tHead.rows[0].cells].entries()) {
    header.ariaSort = place === column ? direction : null;
    header.querySelector(".sort use").setAttribute("href", header.ariaSort === "ascending" ? "#i-up-arrow" : "#i-down-arrow");
  }
}

function nameOf(header) {
  return header.querySelector(".label")?.textContent ?? header.textContent.trim();
}

// Figures are first sorted with the largest on top.
function addSortButton(table, header, column) {
  const name = nameOf(header);
  const button = Object.assign(document.createElement("button"), { type: "button", className: "sort" });
  button.append(document.querySelector(".icon").cloneNode(true), ...header.childNodes);
  button.title = `Sort by ${name}`;
  button.addEventListener("click", () => {
    const direction = header.ariaSort === "descending" ? "ascending" : "descending";
    dayOrder = { name, direction };
    sortRows(table, column, direction);
  });
  header.replaceChildren(button);
}

function makeSortable(table) {
  const headers = [...table.tHead.rows[0].cells];
  for (const [column, header] of headers.entries()) addSortButton(table, header, column);
  const column = headers.findIndex((header) => nameOf(header) === dayOrder?.name);
  if (column === -1) markSorted(table, 0, "descending"); // as the server writes it
  else sortRows(table, column, dayOrder.direction);
}
