/* The groups of a state: a tree by name scope, where a level with many nodes is cut into parts along the flow. */
const MOST_IN_LEVEL = 90;

class GraphScopes {
  /**
   * @param entries nodes by name, as GraphStates.at gives them
   * @param showsConstants whether constants are boxes; else they belong to their consumers
   */
  constructor(entries, showsConstants) {
    this.entries = entries;
    this.hidden = new Set();
    this.consumers = new Map();
    for (const { node } of entries.values())
      for (const input of node.inputs) {
        const name = nodeOf(input);
        if (!this.consumers.has(name)) this.consumers.set(name, []);
        this.consumers.get(name).push(node.name);
      }
    if (!showsConstants)
      for (const { node } of entries.values())
        if (node.op === "Const" && (this.consumers.get(node.name) ?? []).length > 0) this.hidden.add(node.name);
    this.order = this.flowOrder();
    this.root = this.tree();
  }

  /** Rank of each node along the flow. */
  flowOrder() {
    const order = new Map(), open = new Map();
    const visit = start => {
      const stack = [[start, 0]];
      while (stack.length > 0) {
        const top = stack[stack.length - 1];
        const entry = this.entries.get(top[0]);
        if (top[1] === 0) open.set(top[0], true);
        if (!entry || top[1] >= entry.node.inputs.length) {
          stack.pop();
          if (entry && !order.has(top[0])) order.set(top[0], order.size);
          continue;
        }
        const next = nodeOf(entry.node.inputs[top[1]++]);
        if (!open.has(next) && this.entries.has(next)) stack.push([next, 0]);
      }
    };
    for (const name of this.entries.keys()) if (!open.has(name)) visit(name);
    return order;
  }

  tree() {
    const root = { id: "", label: "", children: new Map(), parent: null, isGroup: true, nodes: 0 };
    const names = [...this.entries.keys()].filter(name => !this.hidden.has(name)).sort((a, b) => this.order.get(a) - this.order.get(b));
    const scopes = new Map();
    for (const name of names) {
      const parts = name.split("/");
      for (let depth = 1; depth < parts.length; depth++) {
        const prefix = parts.slice(0, depth).join("/");
        scopes.set(prefix, (scopes.get(prefix) ?? 0) + 1);
      }
    }
    for (const name of names) if (scopes.has(name)) scopes.set(name, scopes.get(name) + 1);
    for (const name of names) {
      const parts = name.split("/");
      let group = root;
      for (let depth = 1; depth <= parts.length; depth++) {
        const prefix = parts.slice(0, depth).join("/");
        if ((scopes.get(prefix) ?? 0) < 2) continue;
        if (!group.children.has(prefix + "/")) group.children.set(prefix + "/", { id: prefix + "/", label: prefix.slice(group.id.length), children: new Map(), parent: group, isGroup: true, nodes: 0 });
        group = group.children.get(prefix + "/");
      }
      group.children.set(name, { id: name, label: name.slice(group.id.length) || parts[parts.length - 1], entry: this.entries.get(name), parent: group, isGroup: false, nodes: 1 });
    }
    this.shorten(root);
    this.cut(root);
    this.sum(root);
    this.byId = new Map();
    const collect = item => { this.byId.set(item.id, item); if (item.isGroup) for (const child of item.children.values()) collect(child); };
    collect(root);
    return root;
  }

  /** A group whose only child is a group becomes that one. */
  shorten(group) {
    for (const [id, child] of [...group.children]) {
      if (!child.isGroup) continue;
      let only = child;
      while (only.children.size === 1 && [...only.children.values()][0].isGroup) only = [...only.children.values()][0];
      if (only !== child) {
        only.label = only.id.slice(group.id.length).replace(/\/$/, "");
        only.parent = group;
        group.children.set(id, only);
      }
      this.shorten(only);
    }
    group.children = new Map([...group.children.values()].map(child => [child.id, child]));
  }

  /** A level with too many boxes is cut into parts along the flow. */
  cut(group) {
    for (const child of group.children.values()) if (child.isGroup) this.cut(child);
    if (group.children.size <= MOST_IN_LEVEL) return;
    const children = [...group.children.values()];
    const size = Math.ceil(children.length / Math.min(40, Math.ceil(children.length / 40)));
    group.children = new Map();
    for (let first = 0; first < children.length; first += size) {
      const some = children.slice(first, first + size);
      const part = { id: group.id + "#" + first + ":" + some[0].id, label: some[0].label + " … " + some[some.length - 1].label, children: new Map(some.map(child => [child.id, child])), parent: group, isGroup: true, nodes: 0, isPart: true };
      for (const child of some) child.parent = part;
      this.cut(part);
      group.children.set(part.id, part);
    }
  }

  sum(group) {
    group.nodes = 0;
    group.changes = { removed: 0, added: 0, changed: 0 };
    for (const child of group.children.values()) {
      if (child.isGroup) {
        this.sum(child);
        for (const kind of Object.keys(group.changes)) group.changes[kind] += child.changes[kind];
      } else if (child.entry.change) group.changes[child.entry.change]++;
      group.nodes += child.nodes;
    }
  }

  /** The groups around a node, the outermost first. */
  groupsOf(id) {
    const groups = [];
    for (let item = this.byId.get(id)?.parent; item && item.parent; item = item.parent) groups.unshift(item.id);
    return groups;
  }

  /** Bytes of a node with the constants that only belong to it. */
  bytesOf(node) {
    return node.bytes + node.inputs.map(nodeOf).filter(name => this.hidden.has(name)).reduce((sum, name) => sum + this.entries.get(name).node.bytes, 0);
  }
}
