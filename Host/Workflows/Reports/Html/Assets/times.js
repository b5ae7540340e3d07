/* Run times: by model, by op, by node. */
function showTimes(report) {
  if (report.timings.length === 0) return;
  byId("times").hidden = false;
  const slowest = Math.max(...report.timings.map(timing => timing.median_milliseconds));
  const bar = (share, text) => { const mark = element("i", { class: "bar" }); mark.style.width = `${Math.max(1, 160 * share)}px`; return element("span", {}, mark, text); };
  const models = element("table", {}, element("tr", {}, ...["model", "median run"].map(text => element("th", {}, text))), ...report.timings.map(timing => element("tr", {}, element("td", { class: "name" }, fileName(timing.model)), element("td", {}, bar(timing.median_milliseconds / slowest, millisecondsText(timing.median_milliseconds))))));
  byId("timings").replaceChildren(element("div", { class: "scroll" }, models));
  if (report.timings.length === 2) byId("timings").append(element("p", {}, `The second takes ${(100 * report.timings[1].median_milliseconds / report.timings[0].median_milliseconds).toFixed(0)} % of the first's time.`));
  for (const timing of report.timings) {
    const total = timing.nodes.reduce((sum, node) => sum + node.milliseconds, 0) || 1, ops = new Map();
    for (const node of timing.nodes) { const entry = ops.get(node.op) ?? { op: node.op, nodes: 0, milliseconds: 0 }; entry.nodes++; entry.milliseconds += node.milliseconds; ops.set(node.op, entry); }
    const rows = [...ops.values()].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 12);
    byId("timings").append(element("h3", {}, `${fileName(timing.model)}: where the time goes`), element("div", { class: "scroll" }, element("table", {}, element("tr", {}, element("th", {}, "op"), element("th", { class: "number" }, "nodes"), element("th", {}, "time of a run")),
      ...rows.map(row => element("tr", {}, element("td", {}, row.op), element("td", { class: "number" }, String(row.nodes)), element("td", {}, bar(row.milliseconds / rows[0].milliseconds, `${millisecondsText(row.milliseconds)} (${percent(row.milliseconds, total)})`)))))));
  }
}

function showCandidates(report) {
  if (report.candidates.length === 0) return;
  byId("candidates").hidden = false;
  const columns = [["candidate", item => item.name, "name"]];
  if (report.candidates.some(item => item.sqnr_db !== null)) columns.push(["SQNR", item => item.sqnr_db ?? Infinity, "number", item => item.sqnr_db === null ? "–" : decibels(item.sqnr_db)]);
  if (report.candidates.some(item => item.loss !== null)) columns.push(["points lost", item => item.loss ?? 0, "number", item => item.loss === null ? "–" : item.loss.toFixed(2)]);
  columns.push(["", item => item.chosen ? 0 : 1, "", item => item.chosen ? "✓ kept" : ""]);
  const rows = sortableTable(byId("candidate-table"), columns, report.candidates, [columns.length - 1, 1]);
  for (const { item, row } of rows) if (item.chosen) row.classList.add("chosen");
}
