/* The table of layers, and the histogram of one. */
function plotLayer(parent, layer, height) {
  const { histogram, range } = layer;
  parent.replaceChildren();
  if (!histogram) { parent.append(element("p", { class: "faint" }, "No values were recorded.")); return; }
  const bins = histogram.before.length, width = (histogram.high - histogram.low) / bins;
  const share = counts => { const total = counts.reduce((sum, value) => sum + value, 0) || 1; return counts.map(value => value === 0 ? null : 100 * value / total); };
  const xs = histogram.before.map((_, i) => histogram.low + (i + 0.5) * width);
  const hasAfter = histogram.after.length > 0;
  const ink = cssColor("faint"), grid = { stroke: cssColor("line"), width: 1 };
  const axis = { stroke: ink, grid, ticks: grid, font: "11px system-ui, sans-serif" };
  const bars = (align, size) => uPlot.paths.bars({ size: [size, 60, 1], align });
  const rangeLines = plot => {
    if (!range) return;
    const pen = plot.ctx;
    const lines = histogram.magnitudes ? [Math.max(Math.abs(range.min), Math.abs(range.max))] : [range.min, range.max];
    for (const value of lines) {
      const x = Math.min(plot.bbox.left + plot.bbox.width, Math.max(plot.bbox.left, plot.valToPos(value, "x", true)));
      pen.save();
      pen.strokeStyle = cssColor("bad");
      pen.lineWidth = 2 * devicePixelRatio;
      pen.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
      pen.beginPath(); pen.moveTo(x, plot.bbox.top); pen.lineTo(x, plot.bbox.top + plot.bbox.height); pen.stroke();
      pen.restore();
    }
  };
  const series = [{ label: histogram.magnitudes ? "magnitude" : "value", value: (_, value) => value === null ? "" : numberText(value) }];
  const shown = (label, color) => ({ label, stroke: color, fill: color + "99", width: 0, points: { show: false }, paths: bars(hasAfter ? (label === "before" ? -1 : 1) : 0, hasAfter ? 0.45 : 0.9), value: (_, value) => value === null ? "–" : value.toFixed(2) + " %" });
  series.push(shown("before", "#4477cc"));
  if (hasAfter) series.push(shown("after", "#e08a1e"));
  const box = element("div");
  parent.append(box);
  new uPlot({
    width: Math.max(240, parent.clientWidth || 300), height, legend: { show: height > 160 }, cursor: { y: false, drag: { setScale: false } },
    scales: { x: { time: false, range: [histogram.low, histogram.high] }, y: { distr: 3, log: 10 } },
    axes: [{ ...axis, values: (_, ticks) => ticks.map(numberText) }, { ...axis, size: 64, values: (_, ticks) => ticks.map(tick => tick === null || Math.abs(Math.log10(tick) % (height > 160 ? 1 : 2)) > 1e-6 ? "" : numberText(tick) + " %") }],
    series, hooks: { draw: [rangeLines] },
  }, hasAfter ? [xs, share(histogram.before), share(histogram.after)] : [xs, share(histogram.before)], box);
  parent.append(element("p", { class: "plot-note" }, (hasAfter ? "Blue before, orange after; " : "") + "share of values, logarithmic" + (range ? "; dashed red: the chosen range" : "") + "."));
}

function showLayers(report, panel) {
  if (report.layers.length === 0) return;
  byId("layers").hidden = false;
  const compared = report.layers.some(layer => layer.max_abs_error !== null);
  byId("layers-hint").textContent = compared
    ? "Tensors that both graphs compute, the noisiest first. SQNR says how much louder the signal is than the error: over 30 dB is good for 8 bits, below 10 dB is a problem. Click a row to see its values and find it in the graph."
    : "Tensors that calibration saw. Click a row to see how large its values are.";
  const times = new Map((report.timings[report.timings.length - 1]?.nodes ?? []).map(node => [node.name, node.milliseconds]));
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  const timeOf = layer => times.get(layer.name) ?? times.get(layer.name + "/quantized") ?? null;
  const columns = [["layer", layer => layer.name, "name"], ["op", layer => layer.op, "op"]];
  if (compared) columns.push(["SQNR", layer => layer.sqnr_db ?? Infinity, "number", layer => decibels(layer.sqnr_db)], ["largest error", layer => layer.max_abs_error ?? 0, "number", layer => layer.max_abs_error === null ? "–" : numberText(layer.max_abs_error)]);
  if (report.layers.some(layer => layer.range)) columns.push(["range", layer => layer.range ? layer.range.max - layer.range.min : 0, "number", layer => layer.range ? `${numberText(layer.range.min)} … ${numberText(layer.range.max)}` : "–"]);
  if (total > 0) columns.push(["time", layer => timeOf(layer) ?? 0, "number", layer => timeOf(layer) === null ? "–" : percent(timeOf(layer), total)]);
  const choose = (layer, row) => {
    for (const other of byId("layer-table").querySelectorAll(".chosen")) other.classList.remove("chosen");
    row.classList.add("chosen");
    const box = element("div"), find = element("button", { type: "button", onclick: () => { if (panel.goToLayer(layer.name)) byId("graph").scrollIntoView(); } }, "Find in the graph");
    byId("layer-plot").replaceChildren(element("h3", {}, ...nameText(layer.name)), element("p", { class: "faint" }, [layer.op, compared ? "SQNR " + decibels(layer.sqnr_db) : ""].filter(Boolean).join(", ")), box, ...(panel ? [find] : []));
    plotLayer(box, layer, 260);
  };
  const rows = sortableTable(byId("layer-table"), columns, report.layers, compared ? [2, 1] : [0, 1], choose);
  if (rows[0]) choose(rows[0].item, rows[0].row);
}

/** Fills a table whose headers sort it; gives the rows in the first order. */
function sortableTable(table, columns, items, [column, direction], onchoose) {
  const body = element("tbody");
  const made = items.map(item => {
    const row = element("tr", onchoose ? { tabIndex: 0 } : {}, ...columns.map(([, value, kind, text]) => element("td", { class: kind ?? "" }, ...(kind === "name" ? nameText(value(item)) : [String((text ?? value)(item))]))));
    if (onchoose) {
      row.addEventListener("click", () => onchoose(item, row));
      row.addEventListener("keydown", event => event.key === "Enter" && onchoose(item, row));
    }
    return { item, row };
  });
  const sort = (by, sign) => {
    const value = columns[by][1];
    made.sort((a, b) => { const [x, y] = [value(a.item), value(b.item)]; return sign * (typeof x === "string" ? x.localeCompare(y) : x === y ? 0 : x < y ? -1 : 1); });
    body.replaceChildren(...made.map(entry => entry.row));
    [column, direction] = [by, sign];
  };
  const head = element("tr", {}, ...columns.map(([name, , kind], i) => element("th", { class: kind === "number" || kind === "op" ? kind : "" }, element("button", { type: "button", title: "Sort", onclick: () => sort(i, i === column ? -direction : 1) }, name))));
  table.replaceChildren(element("thead", {}, head), body);
  sort(column, direction);
  return made;
}
