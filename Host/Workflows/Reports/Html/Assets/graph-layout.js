/* Places boxes: each open group is laid out by dagre as a graph of its own and is then one box of the group around it. */
const TEXT = { width: 7.8, height: 36, group: 46, header: 26, pad: 14 };

class GraphLayout {
  /**
   * @param scopes groups of a state
   * @param open ids of the open groups
   */
  constructor(scopes, open) {
    this.scopes = scopes;
    this.open = open;
    this.boxes = [];
    this.edges = [];
    const size = this.level(scopes.root);
    this.width = size.width;
    this.height = size.height;
    this.place(scopes.root, 0, 0, 0);
    this.byId = new Map(this.boxes.map(box => [box.id, box]));
  }

  /** The child of a group in which a node is. */
  static childWithin(item, group) {
    while (item && item.parent !== group) item = item.parent;
    return item;
  }

  level(group) {
    const graph = new dagre.graphlib.Graph({ multigraph: false });
    graph.setGraph({ rankdir: "TB", nodesep: 16, ranksep: 34, marginx: TEXT.pad, marginy: TEXT.pad });
    graph.setDefaultEdgeLabel(() => ({}));
    for (const child of group.children.values()) graph.setNode(child.id, this.sizeOf(child));
    for (const child of group.children.values()) this.connect(graph, group, child);
    dagre.layout(graph);
    const placed = new Map();
    for (const id of graph.nodes()) placed.set(id, graph.node(id));
    const label = graph.graph();
    group.layout = { placed, edges: graph.edges().map(edge => ({ from: edge.v, to: edge.w, points: graph.edge(edge).points })), width: Math.max(60, label.width || 60), height: Math.max(30, label.height || 30) };
    return group.layout;
  }

  connect(graph, group, child) {
    const visit = item => {
      if (item.isGroup) { for (const inner of item.children.values()) visit(inner); return; }
      for (const input of item.entry.node.inputs) {
        const source = GraphLayout.childWithin(this.scopes.byId.get(nodeOf(input)), group);
        if (source && source !== child && !graph.hasEdge(source.id, child.id)) graph.setEdge(source.id, child.id);
      }
    };
    visit(child);
  }

  sizeOf(item) {
    if (item.isGroup && this.open.has(item.id)) {
      const inner = this.level(item);
      return { width: Math.max(inner.width, item.label.length * TEXT.width + 40), height: inner.height + TEXT.header };
    }
    const text = item.isGroup ? Math.max(item.label.length, 16) : Math.max(item.entry.node.op.length, Math.min(item.label.length, 26));
    return { width: Math.min(340, text * TEXT.width + 32), height: item.isGroup ? TEXT.group : TEXT.height };
  }

  place(group, left, top, depth) {
    for (const child of group.children.values()) {
      const at = group.layout.placed.get(child.id);
      const box = { id: child.id, item: child, x: left + at.x - at.width / 2, y: top + at.y - at.height / 2, width: at.width, height: at.height, depth, isOpen: child.isGroup && this.open.has(child.id) };
      this.boxes.push(box);
      if (box.isOpen) this.place(child, box.x + (box.width - child.layout.width) / 2, box.y + TEXT.header, depth + 1);
    }
    for (const edge of group.layout.edges) this.edges.push({ from: edge.from, to: edge.to, points: edge.points.map(point => [left + point.x, top + point.y]), depth });
  }
}
