/* Draws a layout on a canvas, and moves, zooms and selects by mouse, touch and keys. */
class GraphView {
  /**
   * @param canvas the canvas
   * @param actions select(id or null), toggle(id)
   */
  constructor(canvas, actions) {
    this.canvas = canvas;
    this.actions = actions;
    this.scale = 1;
    this.left = 0;
    this.top = 0;
    this.selected = null;
    this.pointers = new Map();
    this.listen();
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  show(layout, colorOf, titleOf) {
    const anchor = this.layout ? this.anchor(layout) : null;
    this.layout = layout;
    this.colorOf = colorOf;
    this.titleOf = titleOf;
    if (anchor) {
      const box = layout.byId.get(anchor.id);
      this.left = anchor.x - (box.x + box.width / 2) * this.scale;
      this.top = anchor.y - box.y * this.scale;
      this.draw();
    } else this.start();
  }

  /** A box near the middle that the new layout has too, and where it is on the screen. */
  anchor(next) {
    const middle = [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2];
    const candidates = this.layout.boxes.filter(box => next.byId.has(box.id)).map(box => ({ id: box.id, x: (box.x + box.width / 2) * this.scale + this.left, y: box.y * this.scale + this.top }));
    const chosen = candidates.find(candidate => candidate.id === this.selected && candidate.y > 0 && candidate.y < 2 * middle[1]);
    return chosen ?? candidates.sort((a, b) => Math.hypot(a.x - middle[0], a.y - middle[1]) - Math.hypot(b.x - middle[0], b.y - middle[1]))[0] ?? null;
  }

  /** The top of the graph at a readable size. */
  start() {
    const fit = Math.min(this.canvas.clientWidth / this.layout.width, this.canvas.clientHeight / this.layout.height);
    this.scale = Math.min(1.1, Math.max(fit, 0.7));
    this.left = (this.canvas.clientWidth - this.layout.width * this.scale) / 2;
    this.top = this.scale <= fit ? (this.canvas.clientHeight - this.layout.height * this.scale) / 2 : 8;
    if (this.layout.width * this.scale > this.canvas.clientWidth) {
      const first = this.layout.boxes.reduce((a, b) => b.y + b.depth < a.y + a.depth ? b : a, this.layout.boxes[0]);
      if (first) this.left = this.canvas.clientWidth / 2 - (first.x + first.width / 2) * this.scale;
    }
    this.draw();
  }

  fit() {
    this.scale = Math.min(1.2, this.canvas.clientWidth / this.layout.width, this.canvas.clientHeight / this.layout.height);
    this.left = (this.canvas.clientWidth - this.layout.width * this.scale) / 2;
    this.top = (this.canvas.clientHeight - this.layout.height * this.scale) / 2;
    this.draw();
  }

  reveal(id) {
    const box = this.layout.byId.get(id);
    if (!box) return;
    this.scale = Math.max(this.scale, 0.85);
    this.left = this.canvas.clientWidth / 2 - (box.x + box.width / 2) * this.scale;
    this.top = this.canvas.clientHeight / 2 - (box.y + Math.min(box.height, 200) / 2) * this.scale;
    this.draw();
  }

  /** Where a box is on the page, for tests and tools. */
  placeOf(id) {
    const box = this.layout.byId.get(id), area = this.canvas.getBoundingClientRect();
    return box ? { x: area.left + this.left + (box.x + box.width / 2) * this.scale, y: area.top + this.top + (box.y + Math.min(box.height, TEXT.header) / 2) * this.scale } : null;
  }

  at(x, y) {
    const [gx, gy] = [(x - this.left) / this.scale, (y - this.top) / this.scale];
    let found = null;
    for (const box of this.layout.boxes)
      if (gx >= box.x && gx <= box.x + box.width && gy >= box.y && gy <= box.y + box.height && (!found || box.depth >= found.depth)) found = box;
    return found;
  }

  draw() {
    if (!this.layout || this.pending) return;
    this.pending = requestAnimationFrame(() => { this.pending = null; this.paint(); });
  }

  paint() {
    const { canvas } = this, ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    pen.translate(this.left, this.top);
    pen.scale(this.scale, this.scale);
    const view = { left: -this.left / this.scale, top: -this.top / this.scale, right: (canvas.clientWidth - this.left) / this.scale, bottom: (canvas.clientHeight - this.top) / this.scale };
    const colors = { ink: cssColor("ink"), faint: cssColor("faint"), line: cssColor("line"), accent: cssColor("accent"), removed: cssColor("removed"), added: cssColor("added"), changed: cssColor("changed") };
    for (const box of this.layout.boxes) if (box.isOpen && this.isSeen(box, view)) this.paintFrame(pen, box, colors);
    this.paintEdges(pen, view, colors);
    for (const box of this.layout.boxes) if (!box.isOpen && this.isSeen(box, view)) this.paintBox(pen, box, colors);
  }

  isSeen(box, view) { return box.x < view.right && box.x + box.width > view.left && box.y < view.bottom && box.y + box.height > view.top; }

  paintFrame(pen, box, colors) {
    pen.fillStyle = this.colorOf(box.item, true);
    pen.globalAlpha = 0.45;
    this.outline(pen, box, 8);
    pen.fill();
    pen.globalAlpha = 1;
    this.stroke(pen, box, colors, 1);
    this.text(pen, "▾ " + box.item.label, box.x + 10, box.y + 18, box.width - 20, colors.ink, "600 13px system-ui, sans-serif");
  }

  paintBox(pen, box, colors) {
    pen.fillStyle = this.colorOf(box.item, false);
    const isRemoved = box.item.entry?.change === "removed";
    pen.globalAlpha = isRemoved ? 0.6 : 1;
    this.outline(pen, box, box.item.isGroup ? 8 : 5);
    pen.fill();
    this.stroke(pen, box, colors, box.item.isGroup ? 1.8 : 1);
    pen.globalAlpha = 1;
    if (this.scale * 12 < 4.5) return;
    const [first, second] = this.titleOf(box.item);
    this.text(pen, first, box.x + 10, box.y + 15 + (box.item.isGroup ? 4 : 0), box.width - 20, colors.ink, "600 12px system-ui, sans-serif");
    this.text(pen, second, box.x + 10, box.y + 29 + (box.item.isGroup ? 5 : 0), box.width - 20, colors.faint, "11px system-ui, sans-serif");
  }

  outline(pen, box, radius) { pen.beginPath(); pen.roundRect(box.x, box.y, box.width, box.height, radius); }

  stroke(pen, box, colors, width) {
    const isSelected = box.id === this.selected;
    pen.lineWidth = isSelected ? 3 / Math.min(1, this.scale) : width;
    pen.strokeStyle = isSelected ? colors.accent : box.item.entry?.change ? colors[box.item.entry.change] : colors.faint;
    if (box.item.entry?.change === "removed") pen.setLineDash([5, 3]);
    pen.stroke();
    pen.setLineDash([]);
  }

  paintEdges(pen, view, colors) {
    for (const edge of this.layout.edges) {
      const [first, last] = [edge.points[0], edge.points[edge.points.length - 1]];
      if (Math.max(first[1], last[1]) < view.top || Math.min(first[1], last[1]) > view.bottom) continue;
      const isSelected = edge.from === this.selected || edge.to === this.selected;
      pen.strokeStyle = pen.fillStyle = isSelected ? colors.accent : colors.faint;
      pen.globalAlpha = isSelected ? 1 : 0.7;
      pen.lineWidth = isSelected ? 2 : 1;
      pen.beginPath();
      pen.moveTo(first[0], first[1]);
      for (let i = 1; i < edge.points.length - 1; i++) {
        const [x, y] = edge.points[i], [nx, ny] = edge.points[i + 1];
        pen.quadraticCurveTo(x, y, (x + nx) / 2, (y + ny) / 2);
      }
      pen.lineTo(last[0], last[1]);
      pen.stroke();
      if (this.scale > 0.25) this.arrow(pen, edge.points[edge.points.length - 2] ?? first, last);
      pen.globalAlpha = 1;
    }
  }

  arrow(pen, from, to) {
    const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
    pen.beginPath();
    pen.moveTo(to[0], to[1]);
    pen.lineTo(to[0] - 7 * Math.cos(angle - 0.4), to[1] - 7 * Math.sin(angle - 0.4));
    pen.lineTo(to[0] - 7 * Math.cos(angle + 0.4), to[1] - 7 * Math.sin(angle + 0.4));
    pen.fill();
  }

  text(pen, text, x, y, width, color, font) {
    pen.font = font;
    pen.fillStyle = color;
    if (pen.measureText(text).width > width) {
      let [least, most] = [0, text.length];
      while (least < most) {
        const middle = (least + most + 1) >> 1;
        if (pen.measureText(text.slice(0, middle) + "…").width <= width) least = middle; else most = middle - 1;
      }
      text = text.slice(0, least) + "…";
    }
    pen.fillText(text, x, y);
  }

  zoom(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    const next = Math.min(3, Math.max(0.02, this.scale * factor));
    this.left = x - (x - this.left) * next / this.scale;
    this.top = y - (y - this.top) * next / this.scale;
    this.scale = next;
    this.draw();
  }

  listen() {
    const { canvas } = this;
    const inside = event => { const area = canvas.getBoundingClientRect(); return [event.clientX - area.left, event.clientY - area.top]; };
    canvas.addEventListener("wheel", event => { event.preventDefault(); this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), ...inside(event)); }, { passive: false });
    canvas.addEventListener("pointerdown", event => {
      canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, inside(event));
      if (this.pointers.size === 1) this.moved = 0;
    });
    canvas.addEventListener("pointermove", event => this.drag(event.pointerId, inside(event)));
    canvas.addEventListener("pointerup", event => {
      const isClick = this.pointers.size === 1 && this.moved < 6;
      this.pointers.delete(event.pointerId);
      if (isClick) this.click(...inside(event));
    });
    canvas.addEventListener("pointercancel", event => this.pointers.delete(event.pointerId));
    canvas.addEventListener("keydown", event => this.key(event));
  }

  drag(id, [x, y]) {
    const before = this.pointers.get(id);
    if (!before) return;
    if (this.pointers.size === 2) {
      const [other] = [...this.pointers].filter(([key]) => key !== id).map(entry => entry[1]);
      this.zoom(Math.hypot(x - other[0], y - other[1]) / Math.max(1, Math.hypot(before[0] - other[0], before[1] - other[1])), (x + other[0]) / 2, (y + other[1]) / 2);
      this.moved = 100;
    } else {
      this.left += x - before[0];
      this.top += y - before[1];
      this.moved += Math.abs(x - before[0]) + Math.abs(y - before[1]);
      this.draw();
    }
    this.pointers.set(id, [x, y]);
  }

  click(x, y) {
    const box = this.at(x, y);
    if (box?.item.isGroup && (!box.isOpen || y < (box.y + TEXT.header) * this.scale + this.top)) this.actions.toggle(box.id);
    else this.actions.select(box && !box.item.isGroup ? box.id : null);
  }

  key(event) {
    const step = 60;
    const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (event.key in moves) {
      if (this.selected && event.altKey === false && this.next(event.key)) { event.preventDefault(); return; }
      this.left += moves[event.key][0];
      this.top += moves[event.key][1];
      this.draw();
    } else if (event.key === "+" || event.key === "=") this.zoom(1.25);
    else if (event.key === "-") this.zoom(0.8);
    else if (event.key === "0") this.fit();
    else if (event.key === "Escape") this.actions.select(null);
    else if (event.key === "Enter" || event.key === " ") {
      const box = this.layout.byId.get(this.selected);
      if (box?.item.isGroup) this.actions.toggle(box.id);
      else if (!box && this.layout.boxes.length > 0) this.actions.select(this.layout.boxes.find(one => !one.isOpen).id);
    } else return;
    event.preventDefault();
  }

  /** Selects the nearest neighbour of the selected box in a direction. */
  next(key) {
    const box = this.layout.byId.get(this.selected);
    if (!box) return false;
    const isDown = key === "ArrowDown", isUp = key === "ArrowUp";
    const linked = isDown ? this.layout.edges.filter(edge => edge.from === box.id).map(edge => edge.to) : isUp ? this.layout.edges.filter(edge => edge.to === box.id).map(edge => edge.from) : null;
    const level = this.layout.boxes.filter(other => other.id !== box.id && other.item.parent === box.item.parent);
    const candidates = linked ? level.filter(other => linked.includes(other.id)) : level.filter(other => Math.abs(other.y - box.y) < 40 && (key === "ArrowLeft" ? other.x < box.x : other.x > box.x));
    const nearest = candidates.sort((a, b) => Math.abs(a.x - box.x) - Math.abs(b.x - box.x))[0];
    if (!nearest) return false;
    this.actions.select(nearest.id);
    this.reveal(nearest.id);
    return true;
  }
}
