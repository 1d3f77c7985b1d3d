// The chart of charges by day. Its data stands in the page as exact decimal text; the table below has the same numbers.
"use strict";

const LOGS = "/logs/";
const MANY_DAYS = 100;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// --- Money: to the cent, rounded half up, without passing through a float.
function dollars(exact) {
  const isNegative = exact.startsWith("-");
  const [whole, fraction = ""] = exact.replace("-", "").split(".");
  const mills = BigInt(whole + fraction.padEnd(3, "0").slice(0, 3));
  const cents = mills / 10n + (mills % 10n >= 5n ? 1n : 0n);
  const text = `$${(cents / 100n).toLocaleString("en-US")}.${String(cents % 100n).padStart(2, "0")}`;
  return isNegative && cents ? `\u2212${text}` : text;
}

function axisDollars(value, _index, ticks) {
  const step = Math.abs(ticks.length > 1 ? ticks[1].value - ticks[0].value : value) || 1;
  const digits = step >= 1 ? 0 : Math.min(6, Math.max(2, Math.ceil(-Math.log10(step))));
  const text = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${value < 0 ? "\u2212" : ""}$${text}`;
}

// --- Colours come from the style sheet, so that both themes and every page agree.
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

// Half-way to the ground rather than see-through, so that no line shines through.
function lighter(ink) {
  const [own, ground] = [ink, colour("--ground")].map((text) => text.match(/\d+/g).map(Number));
  return `rgb(${own.map((part, place) => Math.round((part + ground[place]) / 2)).join(", ")})`;
}

function fills(data, ink) {
  const hatch = hatched(ink);
  return data.days.map((_, day) => {
    if (data.running[day]) return lighter(ink);
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

// --- Where a click leads: the rows of that day, and of that group when a segment was hit.
function address(data, day, series) {
  const query = new URLSearchParams(series === undefined ? data.rows : data.series[series].rows);
  query.set("start", data.days[day]);
  query.set("end", data.ends[day]);
  return `${LOGS}?${query}`;
}

function target(chart, event, data) {
  const [segment] = chart.getElementsAtEventForMode(event, "nearest", { intersect: true }, true);
  if (segment) return address(data, segment.index, segment.datasetIndex);
  const [column] = chart.getElementsAtEventForMode(event, "index", { intersect: false }, true);
  return column && address(data, column.index);
}

// --- The tip: the day, its total, then the groups in their order.
function line(inner, colourName) {
  const item = document.createElement("li");
  if (colourName) item.append(Object.assign(document.createElement("i"), { className: `dot v-${colourName}` }));
  const [label, amount] = inner;
  item.append(Object.assign(document.createElement("bdi"), { textContent: label }), Object.assign(document.createElement("span"), { className: "num", textContent: amount }));
  return item;
}

function fillTip(tip, data, day) {
  const head = line([data.labels[day], ""]);
  const total = line(["Total", dollars(data.totals[day])]);
  head.className = total.className = "head";
  const groups = data.series
    .filter((series) => Number(series.charges[day]) !== 0)
    .map((series) => line([series.label, dollars(series.charges[day])], series.colour));
  const logs = line([`${data.logs[day].toLocaleString("en-US")} logs`, ""]);
  const state = data.incomplete[day] || (data.running[day] ? "still running" : "");
  const list = document.createElement("ul");
  list.append(head, total, ...groups, logs, ...(state ? [line([state, ""])] : []));
  tip.replaceChildren(list);
}

function placeTip({ chart, tooltip }, tip, data) {
  tip.hidden = tooltip.opacity === 0;
  if (tip.hidden) return;
  const day = tooltip.dataPoints[0].dataIndex;
  if (tip.dataset.day !== String(day)) {
    tip.dataset.day = String(day);
    fillTip(tip, data, day);
  }
  const gap = 14;
  const isRight = tooltip.caretX + gap + tip.offsetWidth > chart.width;
  tip.style.left = `${Math.max(0, isRight ? tooltip.caretX - gap - tip.offsetWidth : tooltip.caretX + gap)}px`;
  tip.style.top = "8px";
}

// --- Days that were not read to their end are hatched over their whole height, so that a gap never looks like no spend.
const gaps = {
  id: "gaps",
  beforeDatasetsDraw(chart) {
    const { top, bottom, left, width } = chart.chartArea;
    const { days, ink } = chart.options.plugins.gaps;
    const step = width / days.length;
    chart.ctx.fillStyle = hatched(ink);
    days.forEach((isGap, day) => {
      if (isGap) chart.ctx.fillRect(left + day * step, top, step, bottom - top);
    });
  },
};

// --- A band behind the column under the pointer.
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

// A year of days names its months; more than that, in weeks or months, the quarters or the years.
function dayLabels(data) {
  const isDays = data.ends[0] === data.days[0] && data.ends.at(-1) === data.days.at(-1);
  const isLong = data.days.length > MANY_DAYS || !isDays;
  const every = isDays ? 1 : data.days.at(-1).slice(0, 4) - data.days[0].slice(0, 4) > 4 ? 12 : 3;
  return function label(_value, index) {
    const [year, month, number] = data.days[index].split("-").map(Number);
    if (!isLong) return `${number} ${MONTHS[month - 1]}`;
    const isFirst = index > 0 && Number(data.days[index - 1].split("-")[1]) !== month;
    if (!isFirst || (month - 1) % every) return null;
    return month === 1 ? `${MONTHS[0]} ${year}` : MONTHS[month - 1];
  };
}

function options(data, tip) {
  const quiet = colour("--ink-3");
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
  const isLong = data.days.length > MANY_DAYS || data.ends[0] !== data.days[0];
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    onClick: (event, _elements, chart) => {
      const to = target(chart, event, data);
      if (!to) return;
      if (event.native.ctrlKey || event.native.metaKey) window.open(to, "_blank", "noopener");
      else location.assign(to);
    },
    onHover: (event, elements) => { event.native.target.style.cursor = elements.length ? "pointer" : "default"; },
    scales: {
      x: {
        stacked: true,
        grid: { display: false },
        border: { color: colour("--line") },
        ticks: { color: quiet, font, maxRotation: 0, autoSkip: !isLong, autoSkipPadding: 16, callback: dayLabels(data) },
      },
      y: {
        stacked: true,
        beginAtZero: true,
        grid: { color: colour("--line"), drawTicks: false },
        border: { display: false },
        ticks: { color: quiet, font, padding: 8, maxTicksLimit: 6, callback: axisDollars },
      },
    },
    plugins: {
      legend: { display: false },
      band: { ink: colour("--hover") },
      gaps: { ink: colour("--line"), days: data.incomplete.map((why, day) => Boolean(why) && !data.running[day]) },
      tooltip: { enabled: false, external: (context) => placeTip(context, tip, data) },
    },
  };
}

function draw(holder) {
  const canvas = holder.querySelector("canvas");
  if (Chart.getChart(canvas)) return;
  const data = JSON.parse(document.getElementById(holder.dataset.dayChart).textContent);
  const tip = Object.assign(document.createElement("div"), { className: "chart-tip", hidden: true });
  holder.append(tip);
  new Chart(canvas, {
    type: "bar",
    data: { labels: data.labels, datasets: datasets(data) },
    options: options(data, tip),
    plugins: [gaps, band],
  });
}

function drawAll() {
  for (const holder of document.querySelectorAll("[data-day-chart]")) draw(holder);
}

function redrawAll() {
  for (const holder of document.querySelectorAll("[data-day-chart]")) {
    Chart.getChart(holder.querySelector("canvas"))?.destroy();
    holder.querySelector(".chart-tip")?.remove();
    draw(holder);
  }
}

document.addEventListener("htmx:beforeCleanupElement", ({ target: gone }) => {
  if (gone.tagName === "CANVAS") Chart.getChart(gone)?.destroy();
});
document.addEventListener("htmx:afterSettle", drawAll);
document.addEventListener("tollbook:look", redrawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
drawAll();
