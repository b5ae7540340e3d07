/* The graph's section: slider, colours, search, what is selected. */
class GraphPanel {
  constructor(report) {
    this.report = report;
    this.states = new GraphStates(report.graph);
    this.state = this.states.count - 1;
    this.openByUser = null;
    this.selected = null;
    this.isColorChosen = false;
    this.view = new GraphView(byId("canvas"), { select: id => this.select(id), toggle: id => this.toggle(id) });
    this.listen();
    this.setState(this.state);
  }

  stateName(state) {
    if (this.states.count === 1) return "";
    const step = this.report.steps[state - 1];
    const name = state === 0 ? "before the first step" : step ? step.transform : fileName(this.report.out_graph ?? "after");
    return this.report.steps.length === 0 ? (state === 0 ? fileName(this.report.in_graph) : name) : state === 0 ? name : `${state} of ${this.states.count - 1}: ${name}`;
  }

  listen() {
    const slider = byId("state");
    slider.max = this.states.count - 1;
    byId("states").hidden = this.states.count === 1;
    if (this.states.count === 1) byId("states").style.display = "none";
    slider.addEventListener("input", () => this.setState(+slider.value));
    byId("state-before").addEventListener("click", () => this.setState(Math.max(0, this.state - 1)));
    byId("state-after").addEventListener("click", () => this.setState(Math.min(this.states.count - 1, this.state + 1)));
    const color = byId("color");
    for (const [value, text] of GraphColors.choices(this.report)) color.append(element("option", { value }, text));
    const preferred = ["error", "op"].find(choice => [...color.options].some(option => option.value === choice));
    this.lastColor = this.states.count > 1 && preferred !== "error" ? "change" : preferred;
    color.value = this.lastColor;
    color.addEventListener("change", () => { this.isColorChosen = true; this.draw(); });
    byId("constants").addEventListener("change", () => this.setState(this.state));
    byId("expand").addEventListener("click", () => this.expandAll());
    byId("collapse").addEventListener("click", () => { this.open = new Set(); this.openByUser = this.open; this.layOut(); });
    byId("fit").addEventListener("click", () => this.view.fit());
    const search = byId("search");
    search.addEventListener("input", () => this.suggest(search.value));
    search.addEventListener("keydown", event => { if (event.key === "Enter") this.find(search.value, event.shiftKey ? -1 : 1); });
    search.addEventListener("change", () => { if (this.scopes.byId.has(search.value) || this.scopes.hidden.has(search.value)) this.find(search.value, 1); });
    document.addEventListener("keydown", event => {
      if (event.target.matches("input, select, textarea")) return;
      if (event.key === "/") { event.preventDefault(); search.focus(); }
      if (event.key === "[") this.setState(Math.max(0, this.state - 1));
      if (event.key === "]") this.setState(Math.min(this.states.count - 1, this.state + 1));
    });
    byId("graph-hint").textContent = "Click a node to see what it is, a group to open it. Drag to move, wheel or pinch to zoom; keys: / finds" + (this.states.count > 1 ? ", [ and ] change the step" : "") + ", arrows follow edges.";
  }

  setState(state) {
    this.state = state;
    byId("state").value = state;
    if (!this.isColorChosen) byId("color").value = state === this.states.count - 1 ? this.lastColor : "change";
    byId("state-before").disabled = state === 0;
    byId("state-after").disabled = state === this.states.count - 1;
    const { removed, added, changed } = this.states.changes(state);
    const part = (number, kind) => number === 0 ? null : element("span", { class: kind }, ` ${number} ${kind}`);
    byId("state-name").replaceChildren(...[this.stateName(state), state > 0 && removed + added + changed === 0 ? element("span", { class: "faint" }, " – nothing changed") : null, state > 0 && removed + added + changed > 0 ? " –" : null, part(removed, "removed"), part(added, "added"), part(changed, "changed")].filter(Boolean));
    this.scopes = new GraphScopes(this.states.at(state), byId("constants").checked);
    this.open = this.openByUser ? new Set([...this.openByUser]) : this.firstOpen();
    this.listChanges();
    this.layOut();
    if (this.selected && !this.states.at(state).has(this.selected)) this.select(null); else this.describe();
  }

  /** Groups from outside in, as long as a screen holds them. */
  firstOpen() {
    const open = new Set();
    let level = [this.scopes.root], boxes = this.scopes.root.children.size;
    while (level.length > 0) {
      const next = level.flatMap(group => [...group.children.values()].filter(child => child.isGroup)).sort((a, b) => a.children.size - b.children.size);
      for (const group of next) {
        if (boxes + group.children.size > 40 && boxes > 3) continue;
        open.add(group.id);
        boxes += group.children.size;
      }
      level = next.filter(group => open.has(group.id));
    }
    return open;
  }

  expandAll() {
    const most = 2500;
    this.open = new Set();
    let boxes = 0;
    for (const [id, item] of this.scopes.byId) if (item.isGroup && id !== "" && (boxes += item.children.size) < most) this.open.add(id);
    for (const id of [...this.open]) for (const around of this.scopes.groupsOf(id)) this.open.add(around);
    this.openByUser = this.open;
    this.layOut();
  }

  toggle(id) {
    if (this.open.has(id)) this.open.delete(id); else this.open.add(id);
    this.openByUser = this.open;
    this.view.selected = id;
    this.layOut();
    this.selected = null;
    this.describeGroup(this.scopes.byId.get(id));
  }

  layOut() {
    this.layout = new GraphLayout(this.scopes, this.open);
    this.draw();
  }

  draw() {
    this.colors = new GraphColors(this.report, this.scopes, document.documentElement.dataset.theme === "dark");
    const by = byId("color").value;
    this.view.show(this.layout, (item, isFrame) => isFrame ? (this.colors.isDark ? "#2a323b" : "#eceff3") : this.colors.of(item, by), item => this.titles(item));
    byId("legend").replaceChildren(...this.colors.legend(by));
  }

  titles(item) {
    if (!item.isGroup) return [item.entry.node.op, item.label];
    const { removed, added, changed } = item.changes;
    const changes = [removed ? "−" + removed : "", added ? "+" + added : "", changed ? "±" + changed : ""].filter(Boolean).join(" ");
    return ["▸ " + item.label, count(item.nodes, "node") + (changes ? "  " + changes : "")];
  }

  select(id) {
    this.selected = id;
    this.view.selected = id;
    this.view.draw();
    this.describe();
  }

  /** Shows a node wherever it is: opens the groups around it. */
  go(name) {
    if (this.scopes.hidden.has(name)) name = this.scopes.consumers.get(name)[0];
    if (!this.scopes.byId.has(name)) return false;
    const closed = this.scopes.groupsOf(name).filter(id => !this.open.has(id));
    if (closed.length > 0) {
      for (const id of closed) this.open.add(id);
      this.openByUser = this.open;
      this.layOut();
    }
    this.select(name);
    this.view.reveal(name);
    return true;
  }

  /** Shows the node that computes a layer's tensor, at this step or, where it is not there, at the last. */
  goToLayer(tensor) {
    const name = nodeOf(tensor), find = () => this.go(name) || this.go(name + "/quantized");
    if (find()) return true;
    this.setState(this.states.count - 1);
    return find();
  }

  matches(text) {
    const wanted = text.toLowerCase();
    return [...this.states.at(this.state).keys()].filter(name => name.toLowerCase().includes(wanted) || this.states.at(this.state).get(name).node.op.toLowerCase() === wanted);
  }

  suggest(text) { byId("found").replaceChildren(...(text.length < 2 ? [] : this.matches(text).slice(0, 30)).map(name => element("option", { value: name }))); }

  find(text, direction) {
    const found = text === "" ? [] : this.matches(text);
    if (found.length === 0) { byId("panel").replaceChildren(element("p", {}, text === "" ? "Type a part of a name, or an op." : `No node has '${text}' in its name${this.states.count > 1 ? " at this step" : ""}.`)); return; }
    const exact = found.indexOf(text), at = found.indexOf(this.selected);
    this.go(found[exact >= 0 ? exact : (at + direction + found.length) % found.length]);
  }

  listChanges() {
    const changed = [...this.states.at(this.state).values()].filter(entry => entry.change);
    byId("changes").hidden = changed.length === 0;
    byId("changes").firstElementChild.textContent = `What this step changed: ${count(changed.length, "node")}`;
    const mark = { removed: "−", added: "+", changed: "±" }, most = 1000;
    byId("changes").lastElementChild.replaceChildren(
      ...changed.slice(0, most).map(entry => element("p", { class: entry.change }, `${mark[entry.change]} `, element("a", { role: "button", tabIndex: 0, onclick: () => this.go(entry.node.name) }, entry.node.name), ` ${entry.node.op}`)),
      ...(changed.length > most ? [element("p", {}, count(changed.length - most, "more node"))] : []));
  }

  describe() {
    const entry = this.selected ? this.states.at(this.state).get(this.selected) : null;
    if (!entry) {
      const item = this.selected ? this.scopes.byId.get(this.selected) : null;
      if (item?.isGroup) { this.describeGroup(item); return; }
      byId("panel").replaceChildren(element("p", { class: "faint" }, "Click a node to see its inputs, consumers, attributes and measurements."));
      return;
    }
    byId("panel").replaceChildren(...this.descriptionOf(entry));
  }

  describeGroup(group) {
    const ops = new Map();
    const visit = item => { if (item.isGroup) for (const child of item.children.values()) visit(child); else ops.set(item.entry.node.op, (ops.get(item.entry.node.op) ?? 0) + 1); };
    visit(group);
    byId("panel").replaceChildren(element("h3", {}, group.label), element("p", { class: "faint" }, `Group of ${count(group.nodes, "node")}`), element("p", {}, [...ops].sort((a, b) => b[1] - a[1]).slice(0, 20).map(([op, number]) => `${number} ${op}`).join(", ")));
  }

  descriptionOf(entry) {
    const { node, change, before } = entry;
    const facts = element("dl");
    const fact = (name, value) => value !== null && value !== undefined && value !== "" && facts.append(element("dt", {}, name), element("dd", {}, value));
    fact("op", node.op);
    fact("type", node.type);
    if (change) fact("this step", element("b", { class: change }, change));
    if (this.states.inputs.has(node.name)) fact("role", "input of the model");
    if (this.states.outputs.has(node.name)) fact("role", "output of the model");
    const layer = this.colors.layerOf(node.name);
    if (layer) fact("SQNR", layer.max_abs_error === null ? null : decibels(layer.sqnr_db));
    if (layer?.range) fact("range", `${numberText(layer.range.min)} … ${numberText(layer.range.max)}`);
    const time = this.colors.times.get(node.name);
    if (time !== undefined) fact("time", `${millisecondsText(time)}, ${percent(time, this.colors.totalTime)} of a run`);
    const bytes = this.scopes.bytesOf(node);
    if (bytes > 0) fact("constants", bytesText(bytes));
    const link = input => element("a", { role: "button", tabIndex: 0, onclick: () => this.go(nodeOf(input)), onkeydown: event => event.key === "Enter" && this.go(nodeOf(input)) }, ...nameText(input));
    const list = (title, names) => names.length === 0 ? [] : [element("h3", {}, title), element("div", {}, ...names.slice(0, 40).map(name => { const source = this.states.at(this.state).get(nodeOf(name)); return element("div", {}, link(name), element("span", { class: "faint" }, source ? " " + source.node.op + (source.node.bytes ? ", " + bytesText(source.node.bytes) : "") : "")); }))];
    const parts = [element("h3", {}, ...nameText(node.name)), facts];
    if (layer?.histogram) { const plot = element("div"); parts.push(plot); requestAnimationFrame(() => plotLayer(plot, layer, 140)); }
    parts.push(...list("Inputs", node.inputs), ...list("Consumers", [...new Set(this.scopes.consumers.get(node.name) ?? [])]));
    if (node.attributes) parts.push(element("h3", {}, "Attributes"), element("pre", {}, node.attributes));
    if (before && change === "changed") parts.push(element("h3", {}, "Before this step"), element("pre", {}, `${before.op}(${before.inputs.join(", ")})\n${before.attributes}`));
    return parts;
  }
}
