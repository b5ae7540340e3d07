/* The steps, what they reported, and how to do it again. */
function showSteps(report, panel) {
  if (report.steps.length === 0) return;
  byId("steps").hidden = false;
  const change = (before, after, text) => before === after ? text(after) : `${text(before)} → ${text(after)}`;
  const head = element("tr", {}, ...["", "step", "nodes", "size", "time", "noted"].map((text, i) => element("th", { class: i > 1 && i < 5 ? "number" : "" }, text)));
  const rows = report.steps.map((step, i) => element("tr", {},
    element("td", { class: "number" }, String(i + 1)),
    element("td", { class: "name" }, panel ? element("button", { type: "button", title: "Show in the graph", onclick: () => { panel.setState(i + 1); byId("graph").scrollIntoView(); } }, step.transform) : step.transform, step.ignored ? " (failed, ignored)" : ""),
    element("td", { class: "number" }, change(step.nodes_before, step.nodes_after, number => number.toLocaleString("en"))),
    element("td", { class: "number" }, change(step.bytes_before, step.bytes_after, bytesText)),
    element("td", { class: "number" }, millisecondsText(step.milliseconds)),
    element("td", {}, ...notesOf(step))));
  byId("step-table").replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
}

function notesOf(step) {
  const notes = Object.entries(step.statistics).map(([name, number]) => element("div", {}, `${number.toLocaleString("en")} ${name.replaceAll("_", " ")}`));
  const lines = step.diagnostics.map(diagnosticLine), first = lines.length > 4 ? 3 : lines.length;
  notes.push(...lines.slice(0, first));
  if (lines.length > first) notes.push(element("details", {}, element("summary", {}, `${lines.length - first} more`), ...lines.slice(first)));
  if (step.explanations.length > 0)
    notes.push(element("details", {}, element("summary", {}, `${count(step.explanations.length, "node")} left as they were`), ...step.explanations.map(entry => element("div", {}, element("b", {}, entry.node), ": " + entry.reason))));
  return notes;
}

const diagnosticLine = diagnostic => element("div", { class: diagnostic.severity === "error" ? "removed" : diagnostic.severity === "warning" ? "changed" : "faint" }, `${diagnostic.severity} ${diagnostic.id}: ${diagnostic.message}` + (diagnostic.suggestion ? " " + diagnostic.suggestion : ""));

function copyBlock(text) {
  const button = element("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; } catch { getSelection().selectAllChildren(button.nextSibling); }
  });
  return element("div", { class: "copy" }, button, element("pre", {}, text));
}

function showRepeat(report) {
  byId("repeat-command").replaceChildren(element("p", {}, "The command:"), copyBlock(report.command_line));
  if (report.script) byId("repeat-script").replaceChildren(element("p", {}, "The script, for --transforms_file:"), copyBlock(report.script.trimEnd()));
}
