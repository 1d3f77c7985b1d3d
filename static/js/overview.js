// The chart of charges by day. Its data is in the page as exact decimal text; the table below has the same numbers.
"use strict";

const LOGS = "/logs/";
const MANY_DAYS = 100;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// --- Money, as money.dollars writes it: half up, without a float, to the cent or below a cent to three digits.
function dollars(exact) {
  const [whole, fraction = ""] = exact.replace("-", "").split(".");
  const first = fraction.search(/[1-9]/);
  const places = first >= 2 && !BigInt(whole) ? first + 3 : 2;
  const digits = BigInt(whole + fraction.padEnd(places + 1, "0").slice(0, places + 1));
  const text = String(digits / 10n + (digits % 10n >= 5n ? 1n : 0n)).padStart(places + 1, "0");
  const decimals = text.slice(-places).replace(/0+$/, "").padEnd(2, "0");
  const isNegative = exact.startsWith("-") && /[1-9]/.test(text);
  return `${isNegative ? "\u2212" : ""}$${BigInt(text.slice(0, -places)).toLocaleString("en-US")}.${decimals}`;
}

// As money.exact_dollars writes it: all digits, at least two.
function exactDollars(exact) {
  const [whole, fraction = ""] = exact.replace("-", "").split(".");
  const digits = `$${BigInt(whole).toLocaleString("en-US")}.${fraction.padEnd(2, "0")}`;
  return exact.startsWith("-") ? `\u2212${digits}` : digits;
}

// As many decimals as the steps between the lines have, so that no two lines have the same label.
function stepDecimals(step) {
  let digits = 0;
  while (digits < 12 && Math.abs(Math.round(step * 10 ** digits) / 10 ** digits - step) > step / 1000) digits += 1;
  return digits === 1 ? 2 : digits;
}

function axisDollars(value, _index, ticks) {
  const step = Math.abs(ticks.length > 1 ? ticks[1].value - ticks[0].value : value) || 1;
  const digits = stepDecimals(step);
  const text = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${value < 0 ? "\u2212" : ""}$${text}`;
}

// --- Colours come from the style sheet, so they follow the theme.
function colour(name) {
  const probe = document.createElement("i");
  probe.className = `dot v-${name}`;
  probe.hidden = true;
  probe.style.color = name.startsWith("--") ? `var(${name})` : "var(--c, var(--c-unknown))";
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function hatched(ink) {
  const size = 6;
  const tile = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const pen = tile.getContext("2d");
  pen.strokeStyle = ink;
  pen.lineWidth = 1.6;
  pen.beginPath();
  for (const from of [-size, 0, size]) {
    pen.moveTo(from, size);
    pen.lineTo(from + size, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

// Mixed with the background rather than transparent, so that no grid line shows through.
function lighter(ink) {
  const [own, ground] = [ink, colour("--ground")].map((text) => text.match(/\d+/g).map(Number));
  return `rgb(${own.map((part, index) => Math.round((part + ground[index]) / 2)).join(", ")})`;
}

function fills(data, ink) {
  const hatch = hatched(ink);
  return data.days.map((_, day) => {
    if (data.running[day] || data.future[day] || data.days[day] === data.closing) return lighter(ink);
    return data.incomplete[day] ? hatch : ink;
  });
}

function datasets(data) {
  const ground = colour("--ground");
  const line = data.days.length > MANY_DAYS ? 0 : 1;
  return data.series.map((series) => {
    const ink = colour(series.colour);
    return {
      label: series.label,
      data: series.charges.map(Number),
      backgroundColor: fills(data, ink),
      hoverBackgroundColor: ink,
      borderColor: ground,
      borderWidth: { top: line, bottom: 0, left: 0, right: 0 },
      borderSkipped: false,
      categoryPercentage: data.days.length > MANY_DAYS ? 1 : 0.86,
      barPercentage: data.days.length > MANY_DAYS ? 0.9 : 1,
      maxBarThickness: 44,
    };
  });
}

// --- The target of a click: the logs of that day, dearest first, and of that group if a segment was hit.
function address(data, day, series) {
  const query = new URLSearchParams(series === undefined ? data.rows : data.series[series].rows);
  query.set("start", data.days[day]);
  query.set("end", data.ends[day] ?? data.days[day]);
  return `${LOGS}?${query}`;
}

function target(chart, event, data) {
  const [segment] = chart.getElementsAtEventForMode(event, "nearest", { intersect: true }, true);
  // A filter cannot have all values of a very long "other".
  if (segment && data.series[segment.datasetIndex].rows) return { day: segment.index, series: segment.datasetIndex };
  const [column] = chart.getElementsAtEventForMode(event, "index", { intersect: false }, true);
  return column && { day: column.index };
}

// A finger has no hover: its first tap pins the tip, which then holds the link; the same tap again follows it.
function open(event, chart, tip, data) {
  const hit = target(chart, event, data);
  if (!hit) return;
  const to = address(data, hit.day, hit.series);
  if (chart.canvas.dataset.pointer === "touch" && tip.dataset.pinned !== to) pin(tip, data, hit, to);
  else if (event.native.ctrlKey || event.native.metaKey) window.open(to, "_blank", "noopener");
  else location.assign(to);
}

// --- The tooltip: the day, its total, then the groups in the order of the data.
function tipLine(label, amount, colourName) {
  const item = document.createElement("li");
  if (colourName) item.append(Object.assign(document.createElement("i"), { className: `dot v-${colourName}` }));
  item.append(Object.assign(document.createElement("bdi"), { textContent: label }), Object.assign(document.createElement("span"), { className: "num", textContent: amount }));
  return item;
}

function fillTip(tip, data, day) {
  const head = tipLine(data.labels[day], "");
  const total = tipLine("Total", dollars(data.totals[day]));
  head.className = total.className = "head";
  const groups = data.series
    .filter((series) => Number(series.charges[day]) !== 0)
    .map((series) => tipLine(series.label, dollars(series.charges[day]), series.colour));
  const logs = tipLine(`${data.logs[day].toLocaleString("en-US")} ${data.logs[day] === 1 ? "log" : "logs"}`, "");
  const open = { "still running": data.running[day], "dated after today": data.future[day], closing: data.days[day] === data.closing };
  const state = data.incomplete[day] || Object.keys(open).find((words) => open[words]);
  const list = document.createElement("ul");
  const rounded = data.rounded[day] && `Rounded; the exact total is ${exactDollars(data.totals[day])}.`;
  const remarks = [state, rounded].filter(Boolean).map((remark) => tipLine(remark, ""));
  list.append(head, total, ...groups, logs, ...remarks);
  tip.replaceChildren(list);
}

function pin(tip, data, { day, series }, to) {
  fillTip(tip, data, day);
  const group = series === undefined ? "" : `, ${data.series[series].label}`;
  tip.append(Object.assign(document.createElement("a"), { href: to, textContent: `Open the logs of ${data.labels[day]}${group}` }));
  Object.assign(tip.dataset, { pinned: to, day: String(day) });
  tip.hidden = false;
}

function unpin({ target: element }) {
  for (const tip of document.querySelectorAll(".chart-tip[data-pinned]")) {
    if (tip.parentElement.contains(element)) continue;
    delete tip.dataset.pinned;
    tip.hidden = true;
  }
}

function placeTip({ chart, tooltip }, tip, data) {
  const day = tooltip.dataPoints?.[0]?.dataIndex;
  if (tip.dataset.pinned && (tooltip.opacity === 0 || tip.dataset.day === String(day))) return;
  delete tip.dataset.pinned;
  tip.hidden = tooltip.opacity === 0;
  if (tip.hidden) return;
  tip.dataset.day = String(day);
  fillTip(tip, data, day);
  const gap = 14;
  const isRight = tooltip.caretX + gap + tip.offsetWidth > chart.width;
  tip.style.left = `${Math.max(0, isRight ? tooltip.caretX - gap - tip.offsetWidth : tooltip.caretX + gap)}px`;
  tip.style.top = "8px";
}

// --- Days that are not complete have a hatched strip at the baseline, so that a gap never looks like zero spend.
const STRIP = 6;

const gaps = {
  id: "gaps",
  beforeDatasetsDraw(chart) {
    const { left, width } = chart.chartArea;
    const { days, ink } = chart.options.plugins.gaps;
    const [step, zero] = [width / days.length, chart.scales.y.getPixelForValue(0)];
    chart.ctx.fillStyle = hatched(ink);
    days.forEach((isGap, day) => {
      if (isGap) chart.ctx.fillRect(left + day * step, zero - STRIP, step, STRIP);
    });
  },
};

// --- Highlights the column under the pointer.
const band = {
  id: "band",
  beforeDatasetsDraw(chart) {
    const [active] = chart.tooltip?.getActiveElements() ?? [];
    if (!active) return;
    const { top, bottom } = chart.chartArea;
    const width = chart.scales.x.width / chart.data.labels.length;
    chart.ctx.fillStyle = chart.options.plugins.band.ink;
    chart.ctx.fillRect(active.element.x - width / 2, top, width, bottom - top);
  },
};

// Up to MANY_DAYS, each label is a day; for longer periods, the beginning of a month.
const EVERY = [1, 2, 3, 4, 6, 12, 24, 60, 120, 240, 600, 1200];
const LABEL_SPACE = 12;

function dayLabels(data) {
  const isLong = hasMonths(data);
  return function label(_value, index) {
    const [year, month, number] = data.days[index].split("-").map(Number);
    if (!isLong) return `${number} ${MONTHS[month - 1]}`;
    const isFirst = index > 0 ? data.days[index - 1].slice(0, 7) !== data.days[index].slice(0, 7) : number === 1;
    if (!isFirst) return null;
    return month === 1 ? `${MONTHS[0]} ${year}` : MONTHS[month - 1];
  };
}

function hasMonths(data) {
  return data.days.length > MANY_DAYS || Object.keys(data.ends).length > 0;
}

// Every month, or every second, third, fourth … from January, so that no label touches the next.
function thinMonths(scale, data, font) {
  const { ctx } = scale.chart;
  ctx.font = `${font.size}px ${font.family}`;
  const labels = scale.ticks.map((tick) => {
    const [year, month] = data.days[tick.value].split("-").map(Number);
    const x = (tick.value * scale.width) / data.days.length;
    return { tick, x, month: year * 12 + month - 1, half: ctx.measureText(tick.label).width / 2 };
  });
  const kept = (every) => labels.filter(({ month }) => month % every === 0);
  const fits = (every) => kept(every).every((label, index, all) => !index || label.x - all[index - 1].x >= label.half + all[index - 1].half + LABEL_SPACE);
  scale.ticks = kept(EVERY.find(fits) ?? EVERY.at(-1)).map(({ tick }) => tick);
}

function options(data, tip) {
  const [quiet, line, zeroLine] = ["--ink-3", "--line", "--line-strong"].map(colour);
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
  const isLong = hasMonths(data);
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    onClick: (event, _elements, chart) => open(event, chart, tip, data),
    onHover: (event, elements) => { event.native.target.style.cursor = elements.length ? "pointer" : "default"; },
    scales: {
      x: {
        stacked: true,
        grid: { display: false },
        border: { color: colour("--line") },
        ticks: { color: quiet, font, maxRotation: 0, autoSkip: !isLong, autoSkipPadding: 16, callback: dayLabels(data) },
        afterTickToLabelConversion: (scale) => isLong && thinMonths(scale, data, font),
      },
      y: {
        stacked: true,
        beginAtZero: true,
        grid: { color: ({ tick }) => (tick?.value === 0 ? zeroLine : line), drawTicks: false },
        border: { display: false },
        ticks: { color: quiet, font, padding: 8, maxTicksLimit: 6, callback: axisDollars },
      },
    },
    plugins: {
      legend: { display: false },
      band: { ink: colour("--hover") },
      gaps: { ink: quiet, days: data.days.map((_, day) => Boolean(data.incomplete[day]) && !data.running[day]) },
      tooltip: { enabled: false, external: (context) => placeTip(context, tip, data) },
    },
  };
}

// Without Chart.js, the drawing of the server stays.
function draw(holder) {
  const canvas = holder.querySelector("canvas");
  if (!window.Chart || Chart.getChart(canvas)) return;
  holder.classList.add("is-drawn");
  const data = JSON.parse(document.getElementById(holder.dataset.dayChart).textContent);
  const tip = Object.assign(document.createElement("div"), { className: "chart-tip", hidden: true });
  holder.append(tip);
  canvas.addEventListener("pointerdown", ({ pointerType }) => { canvas.dataset.pointer = pointerType; });
  new Chart(canvas, {
    type: "bar",
    data: { labels: data.labels, datasets: datasets(data) },
    options: options(data, tip),
    plugins: [gaps, band],
  });
}

function drawAll() {
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    makeSortable(table);
    delete table.dataset.sortable;
  }
  for (const holder of document.querySelectorAll("[data-day-chart]")) draw(holder);
}

function redrawAll() {
  for (const holder of document.querySelectorAll("[data-day-chart]")) {
    window.Chart?.getChart(holder.querySelector("canvas"))?.destroy();
    holder.querySelector(".chart-tip")?.remove();
    draw(holder);
  }
}

document.addEventListener("htmx:beforeCleanupElement", ({ target: element }) => {
  if (element.tagName === "CANVAS") window.Chart?.getChart(element)?.destroy();
});
document.addEventListener("htmx:afterSettle", drawAll);
document.addEventListener("tollbook:look", redrawAll);
document.addEventListener("pointerdown", unpin);
for (const look of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) matchMedia(look).addEventListener("change", redrawAll);
drawAll();
