/* The colour of a box by op, type, bytes, error or time, and the legend. */
const HUES = [210, 145, 35, 280, 0, 180, 60, 320, 100, 240, 20, 160, 300, 80];

class GraphColors {
  constructor(report, scopes, isDark) {
    this.report = report;
    this.scopes = scopes;
    this.isDark = isDark;
    this.layers = new Map(report.layers.map(layer => [layer.name, layer]));
    const last = report.timings[report.timings.length - 1];
    this.times = new Map((last?.nodes ?? []).map(node => [node.name, node.milliseconds]));
    this.totalTime = [...this.times.values()].reduce((sum, time) => sum + time, 0);
    this.hues = new Map();
  }

  static choices(report) {
    const choices = [["op", "op"], ["type", "type of value"], ["bytes", "bytes of constants"]];
    if (report.layers.some(layer => layer.sqnr_db !== null || layer.max_abs_error !== null)) choices.unshift(["error", "error"]);
    if (report.timings.length > 0) choices.push(["time", "time"]);
    if (report.graph.states > 1) choices.unshift(["change", "change of this step"]);
    return choices;
  }

  /** The layer of a node: quantized values carry the name of their tensor. */
  layerOf(name) {
    return this.layers.get(name) ?? this.layers.get(name.replace(/\/quantized$/, ""));
  }

  hue(key) {
    if (!this.hues.has(key)) this.hues.set(key, HUES[this.hues.size % HUES.length]);
    return this.hues.get(key);
  }

  fill(hue, strength) {
    return this.isDark ? `hsl(${hue} ${20 + 45 * strength}% ${20 + 16 * strength}%)` : `hsl(${hue} ${30 + 50 * strength}% ${95 - 25 * strength}%)`;
  }

  /** From quiet (0) to hot (1). */
  heat(share) {
    return share <= 0 ? this.plain() : this.fill(48 - 48 * Math.min(1, share), 0.25 + 0.75 * Math.min(1, share));
  }

  plain() { return this.isDark ? "#262d35" : "#f4f6f8"; }

  static noiseOf(layer) {
    if (!layer || layer.sqnr_db === null) return 0;
    return Math.min(1, Math.max(0, (45 - layer.sqnr_db) / 40));
  }

  of(item, by) {
    if (item.isGroup) return this.ofGroup(item, by);
    const node = item.entry.node;
    switch (by) {
      case "type": return node.type ? this.fill(this.hue(node.type), 0.7) : this.plain();
      case "bytes": return this.heat(this.byteShare(this.scopes.bytesOf(node)));
      case "time": return this.heat(this.timeShare(this.times.get(node.name) ?? 0));
      case "error": return this.heat(GraphColors.noiseOf(this.layerOf(node.name)));
      case "change": return item.entry.change ? this.change(item.entry.change) : this.plain();
      default: return this.fill(this.hue(node.op), 0.6);
    }
  }

  change(kind) { return this.fill({ removed: 0, added: 145, changed: 38 }[kind], 0.75); }

  byteShare(bytes) { return bytes < 256 ? 0 : Math.log2(bytes / 256) / Math.log2(this.mostBytes() / 256 + 2); }

  mostBytes() { return this.most ??= Math.max(1024, ...[...this.scopes.entries.values()].map(entry => entry.node.bytes)); }

  timeShare(time) { return this.totalTime === 0 ? 0 : Math.sqrt(time / Math.max(...this.times.values(), 1e-9)); }

  ofGroup(group, by) {
    if (by === "op" || by === "type") return this.isDark ? "#1d2733" : "#e9eff6";
    if (by === "change") {
      const kinds = Object.keys(group.changes).filter(kind => group.changes[kind] > 0);
      return kinds.length === 0 ? this.plain() : this.change(kinds.length === 1 ? kinds[0] : "changed");
    }
    let worst = 0;
    const visit = item => {
      if (item.isGroup) { for (const child of item.children.values()) visit(child); return; }
      const node = item.entry.node;
      worst = by === "bytes" ? worst + this.scopes.bytesOf(node) : by === "time" ? worst + (this.times.get(node.name) ?? 0) : Math.max(worst, GraphColors.noiseOf(this.layerOf(node.name)));
    };
    visit(group);
    return this.heat(by === "bytes" ? this.byteShare(worst) : by === "time" ? this.timeShare(worst) : worst);
  }

  legend(by) {
    const swatch = (color, text) => { const mark = element("i"); mark.style.background = color; return element("span", {}, mark, text); };
    switch (by) {
      case "change": return [swatch(this.change("removed"), "removed by this step"), swatch(this.change("added"), "added"), swatch(this.change("changed"), "changed, or a group with several kinds of change"), swatch(this.plain(), "as before")];
      case "error": return [swatch(this.plain(), "equal, or not compared"), swatch(this.heat(0.12), "40 dB: little noise"), swatch(this.heat(0.62), "20 dB"), swatch(this.heat(1), "5 dB or less: mostly noise"), element("span", {}, "SQNR, signal to quantization noise: higher is better")];
      case "time": return [swatch(this.plain(), "no time of its own"), swatch(this.heat(0.3), "some"), swatch(this.heat(1), "the slowest"), element("span", {}, "share of a run of the last graph")];
      case "bytes": return [swatch(this.plain(), "below 256 B"), swatch(this.heat(0.4), "some"), swatch(this.heat(1), bytesText(this.mostBytes()) + " and more")];
      default: {
        const ops = new Map();
        for (const { node } of this.scopes.entries.values()) {
          if (this.scopes.hidden.has(node.name)) continue;
          const key = by === "type" ? node.type : node.op;
          if (key) ops.set(key, (ops.get(key) ?? 0) + 1);
        }
        const shown = [...ops].sort((a, b) => b[1] - a[1]);
        const swatches = shown.slice(0, HUES.length).map(([key, number]) => swatch(this.fill(this.hue(key), 0.6), `${key} (${number})`));
        return shown.length > HUES.length ? [...swatches, element("span", {}, count(shown.length - HUES.length, "more kind"))] : swatches;
      }
    }
  }
}
