/* Puts the page together. */
const page = {};

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  page.graph?.draw();
  for (const row of document.querySelectorAll("#layer-table .chosen")) row.click();
}

function showSummary() {
  const out = report.out_graph ? " → " + fileName(report.out_graph) : "";
  byId("command").textContent = report.command;
  byId("title").textContent = fileName(report.in_graph) + out;
  byId("facts").replaceChildren(...report.summary.map(fact => element("div", { class: "fact" }, element("span", {}, fact.label), element("b", {}, ...nameText(fact.value)), ...(fact.detail ? [element("span", {}, ...nameText(fact.detail))] : []))));
  if (report.failure) byId("failure").replaceChildren(element("b", {}, report.failure.step > 0 ? `Step ${report.failure.step}, ${report.failure.transform}, failed: ` : "Nothing was run: "), diagnosticLine(report.failure.diagnostic));
  if (report.diagnostics.length > 0) byId("notes").replaceChildren(...report.diagnostics.map(diagnosticLine));
}

function showContents() {
  byId("contents").replaceChildren(...[...document.querySelectorAll("main > section")].filter(section => !section.hidden).map(section => element("a", { href: "#" + section.id }, section.querySelector("h2").textContent)));
}

document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
byId("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
showSummary();
if (report.graph && report.graph.nodes.length > 0) {
  byId("graph").hidden = false;
  page.graph = new GraphPanel(report);
}
showLayers(report, page.graph);
showAccuracy(report);
showTimes(report);
showCandidates(report);
showSteps(report, page.graph);
showRepeat(report);
showContents();
