/* Numbers, text and elements. Everything of the report reaches the page as text, never as markup. */
const report = JSON.parse(document.getElementById("report").textContent);

const byId = id => document.getElementById(id);

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && name !== "list") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

/** A name that breaks at slashes and underscores rather than within a word; a number stays with its unit. */
const nameText = name => String(name).replace(/(\d) (?=[kMG]?B\b|m?s\b|µs|dB|%)/g, "$1\u00a0").split(/(?<=[/_])/).flatMap((part, i) => i === 0 ? [part] : [document.createElement("wbr"), part]);

const fileName = path => path.replace(/\/+$/, "").split("/").pop();

function bytesText(bytes) {
  if (bytes < 1000) return bytes + " B";
  if (bytes < 1e6) return (bytes / 1000).toFixed(1) + " kB";
  return bytes < 1e9 ? (bytes / 1e6).toFixed(1) + " MB" : (bytes / 1e9).toFixed(2) + " GB";
}

const decibels = value => value === null || value === undefined ? "equal" : value.toFixed(1) + " dB";
const millisecondsText = value => value >= 10000 ? (value / 1000).toFixed(1) + " s" : value >= 100 ? value.toFixed(0) + " ms" : value >= 0.095 ? value.toPrecision(3) + " ms" : (value * 1000).toFixed(1) + " µs";
const percent = (part, whole) => whole === 0 ? "–" : (100 * part / whole).toFixed(1) + " %";
const numberText = value => Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(2) : String(+value.toPrecision(4));
const count = (number, noun) => number.toLocaleString("en") + " " + noun + (number === 1 ? "" : "s");
const cssColor = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

/** The node that an input names: a:1 and ^a are a. */
const nodeOf = input => input.replace(/^\^/, "").replace(/:\d+$/, "");
