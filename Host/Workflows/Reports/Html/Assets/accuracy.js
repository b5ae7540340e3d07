/* Right answers: shares with their intervals, confusion, worst images. */
function showAccuracy(report) {
  const accuracy = report.accuracy;
  if (!accuracy) return;
  byId("accuracy").hidden = false;
  const least = Math.max(0, Math.min(...accuracy.models.map(model => model.interval.min)) - 0.05), spread = 1 - least;
  const place = value => `${100 * (value - least) / spread}%`;
  const table = element("table", {}, element("tr", {}, ...["model", "right (top-1)", "among five (top-5)", `95 % interval, ${(100 * least).toFixed(0)} to 100 %`].map(text => element("th", {}, text))));
  for (const model of accuracy.models) {
    const range = element("i"), mark = element("b");
    range.style.left = place(model.interval.min);
    range.style.width = `${100 * (model.interval.max - model.interval.min) / spread}%`;
    mark.style.left = place(model.top1 / model.images);
    table.append(element("tr", {}, element("td", { class: "name" }, fileName(model.model)), element("td", {}, `${percent(model.top1, model.images)} (${model.top1} of ${model.images})`), element("td", {}, percent(model.top5, model.images)),
      element("td", {}, element("div", { class: "interval" }, range, mark), `${(100 * model.interval.min).toFixed(1)} … ${(100 * model.interval.max).toFixed(1)} %`)));
  }
  byId("accuracy-models").replaceChildren(element("div", { class: "scroll" }, table));
  if (accuracy.same_answers !== null) byId("accuracy-models").append(element("p", {}, `Both models give the same answer on ${percent(accuracy.same_answers, accuracy.models[0].images)} of the images. A difference smaller than the interval may be chance.`));
  showConfusion(accuracy.confusion);
  showWorst(accuracy);
}

function showConfusion(confusion) {
  if (confusion.classes.length === 0) return;
  const most = Math.max(1, ...confusion.counts.flatMap((row, i) => row.filter((_, j) => i !== j)));
  const head = element("tr", {}, element("th", {}, "is ╲ answer"), ...confusion.classes.map(name => element("th", {}, String(name))));
  const rows = confusion.classes.map((name, i) => element("tr", {}, element("th", {}, String(name)), ...confusion.counts[i].map((number, j) => {
    const cell = element("td", { title: `${number} of class ${name} answered as ${confusion.classes[j]}` }, number === 0 ? "" : String(number));
    if (number > 0) cell.style.background = `color-mix(in srgb, var(--${i === j ? "good" : "bad"}) ${i === j ? 25 : 15 + 70 * number / most}%, transparent)`;
    return cell;
  })));
  byId("confusion").replaceChildren(element("h3", {}, "Which classes are mistaken for which"), element("p", { class: "hint" }, "Rows: the right class. Columns: the answer. Green is right, red is wrong." + (confusion.omitted > 0 ? ` ${confusion.omitted} classes with fewer mistakes are not shown.` : "")), element("div", { class: "scroll" }, element("table", {}, head, ...rows)));
}

function showWorst(accuracy) {
  if (accuracy.worst.length === 0) return;
  const figures = accuracy.worst.map(sample => element("figure", {}, ...(sample.image ? [element("img", { src: sample.image, alt: `image ${sample.index}`, loading: "lazy" })] : []),
    element("figcaption", {}, element("div", {}, `#${sample.index}: is ${sample.label}, `, element("b", { class: sample.label === sample.answer ? "added" : "removed" }, `answer ${sample.answer}`)),
      ...(sample.answer_before !== null && sample.answer_before !== sample.answer ? [element("div", { class: "changed" }, `before: ${sample.answer_before}`)] : []),
      ...(sample.margin !== null ? [element("div", { class: "faint" }, `margin ${numberText(sample.margin)}`)] : []))));
  byId("worst").replaceChildren(element("h3", {}, "Worst images"), element("p", { class: "hint" }, "Those where the right class is farthest behind, or least ahead, by the margin of its score."), element("div", { class: "images" }, ...figures));
}
