"use strict";

// ---- figures: one template made of the page's own colours, so that figures need no styling ----

const root = document.documentElement;
const narrow = () => window.innerWidth < 640;

/** The value of a colour variable as the current scheme shows it. */
function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function template() {
  const [ink, soft, line, grid, sheet] = ["ink", "soft", "line", "grid", "sheet"].map(colour);
  const axis = {
    gridcolor: grid, linecolor: line, zerolinecolor: line, tickcolor: line, automargin: true,
    tickfont: { color: soft, size: 12 }, title: { font: { color: ink, size: 13 }, standoff: 12 },
  };
  const bar = { thickness: 12, outlinewidth: 0, tickfont: { color: soft }, title: { font: { size: 13 } } };
  const scene = { gridcolor: grid, zerolinecolor: line, color: soft, showbackground: false };
  return {
    layout: {
      colorway: [1, 2, 3, 4, 5, 6, 7, 8].map((i) => colour(`series-${i}`)),
      colorscale: { sequential: "Cividis", sequentialminus: "Cividis", diverging: "RdBu" },
      font: { family: getComputedStyle(document.body).fontFamily, color: ink, size: 13 },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      margin: narrow() ? { l: 44, r: 12, t: 24, b: 44 } : { l: 60, r: 24, t: 32, b: 52 },
      xaxis: axis, yaxis: axis, scene: { xaxis: scene, yaxis: scene, zaxis: scene },
      hoverlabel: { bgcolor: sheet, bordercolor: line, font: { color: ink } },
      legend: narrow()
        ? { orientation: "h", y: -0.25, yanchor: "top", x: 0, font: { size: 12 } }
        : { font: { size: 12 }, tracegroupgap: 4 },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: soft, activecolor: colour("accent") },
      title: { font: { size: 15 }, x: 0.02, xanchor: "left" },
      annotationdefaults: { font: { color: soft }, arrowcolor: soft },
      shapedefaults: { line: { color: soft } },
    },
    data: {
      heatmap: [{ colorscale: "Cividis", colorbar: bar }],
      contour: [{ colorscale: "Cividis", colorbar: bar }],
      bar: [{ marker: { line: { width: 0 } }, error_y: { color: soft, thickness: 1.2 } }],
      scatter: [{ line: { width: 2 }, error_y: { thickness: 1.2 }, error_x: { thickness: 1.2 } }],
    },
  };
}

function draw(plot) {
  const { data, layout } = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
  layout.template = template();
  if (narrow()) delete layout.width;
  layout.autosize = true;
  const config = {
    responsive: true, displaylogo: false, plotlyServerURL: "",
    modeBarButtonsToRemove: ["sendChartToCloud", "sendDataToCloud", "select2d", "lasso2d", "autoScale2d"],
    toImageButtonOptions: { format: "svg", filename: plot.dataset.name },
  };
  return Plotly.react(plot, data, layout, config);
}

// many figures would hold the page up: beyond the first few each is drawn when it comes near
const plots = [...document.querySelectorAll(".plot")];
const drawn = new Set(plots.slice(0, 12));
const drawAll = () => drawn.forEach(draw);
const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    drawn.add(target);
    draw(target);
  }
}, { rootMargin: "1000px" });
plots.slice(12).forEach((plot) => near.observe(plot));

// ---- light and dark: the system's wish, until the button says otherwise ----

const dark = matchMedia("(prefers-color-scheme: dark)");
document.querySelector(".theme").addEventListener("click", () => {
  const now = root.dataset.theme || (dark.matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  drawAll();
});
dark.addEventListener("change", drawAll);
matchMedia("(max-width: 639px)").addEventListener("change", drawAll);

let before;
let closed = [];
addEventListener("beforeprint", () => {
  before = root.dataset.theme || "";
  root.dataset.theme = "light";
  closed = [...document.querySelectorAll("details:not([open], .aside)")];
  closed.forEach((part) => { part.open = true; });
  plots.forEach((plot) => { drawn.add(plot); });
  drawAll();
});
addEventListener("afterprint", () => {
  if (before) root.dataset.theme = before; else delete root.dataset.theme;
  closed.forEach((part) => { part.open = false; });
  drawAll();
});

// ---- tables: sort, filter, save ----

/** The value a cell sorts by and the fields it gives a CSV file. */
function fields(cell) {
  return "value" in cell.dataset ? cell.dataset.value.split(",") : [cell.firstChild ? cell.textContent : ""];
}

function sortBy(table, column, direction) {
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => {
    const [text] = fields(row.cells[column]);
    const value = text.replace(/^(-?)inf$/, "$1Infinity");
    return { row, text, number: value === "" || value === "nan" ? NaN : Number(value) };
  });
  const numeric = table.tHead.rows[0].cells[column].className !== "text";
  keyed.sort((a, b) => {
    if (!numeric) return direction * a.text.localeCompare(b.text, undefined, { numeric: true });
    if (Number.isNaN(a.number) || Number.isNaN(b.number)) return Number.isNaN(a.number) - Number.isNaN(b.number);
    return a.number === b.number ? 0 : direction * (a.number < b.number ? -1 : 1);
  });
  body.append(...keyed.map(({ row }) => row));
}

function csv(table) {
  const quote = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const heads = [...table.tHead.rows[0].cells];
  const header = heads.flatMap((head) => {
    const name = head.textContent;
    return head.className === "estimate" ? [name, `${name}_stderr`, `${name}_floor`] : [name];
  });
  const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row) =>
    [...row.cells].flatMap((cell, i) => {
      const found = fields(cell);
      return heads[i].className === "estimate" ? [...found, "", ""].slice(0, 3) : found;
    }));
  return [header, ...rows].map((row) => row.map(quote).join(",")).join("\n") + "\n";
}

for (const part of document.querySelectorAll(".table")) {
  const table = part.querySelector("table");
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells];

  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const direction = head.ariaSort === "ascending" ? -1 : 1;
    heads.forEach((other) => { other.ariaSort = "none"; });
    head.ariaSort = direction > 0 ? "ascending" : "descending";
    sortBy(table, column, direction);
  }));

  const filter = part.querySelector("input");
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word)) || (part.accepts ? !part.accepts(row) : false);
    }
    const left = rows.filter((row) => !row.hidden).length;
    part.querySelector("output").textContent = left === rows.length ? `${left} rows` : `${left} of ${rows.length} rows`;
    part.dispatchEvent(new Event("filtered"));
  });

  part.querySelector(".csv").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv(table)], { type: "text/csv" }));
    link.download = `${part.dataset.name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}

drawAll();
