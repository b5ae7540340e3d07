/* The graph over the steps: which nodes a state has, and what the step before it removed, added and changed. */
class GraphStates {
  constructor(graph) {
    this.graph = graph;
    this.count = graph.states;
    this.cache = new Map();
    this.inputs = new Set(graph.inputs);
    this.outputs = new Set(graph.outputs);
  }

  /** Nodes of a state by name, with removed ones of its step; each entry: {node, change, before}. */
  at(state) {
    if (!this.cache.has(state)) this.cache.set(state, this.compute(state));
    return this.cache.get(state);
  }

  compute(state) {
    const entries = new Map(), removed = new Map();
    for (const node of this.graph.nodes) {
      if (node.first <= state && state <= node.last) entries.set(node.name, { node, change: null, before: null });
      else if (state > 0 && node.last === state - 1) removed.set(node.name, node);
    }
    for (const entry of entries.values()) {
      if (state === 0 || entry.node.first !== state) continue;
      entry.before = removed.get(entry.node.name) ?? null;
      entry.change = entry.before ? "changed" : "added";
      removed.delete(entry.node.name);
    }
    for (const node of removed.values()) entries.set(node.name, { node, change: "removed", before: node });
    return entries;
  }

  /** Numbers of a state's changes. */
  changes(state) {
    const numbers = { removed: 0, added: 0, changed: 0 };
    for (const entry of this.at(state).values()) if (entry.change) numbers[entry.change]++;
    return numbers;
  }
}
