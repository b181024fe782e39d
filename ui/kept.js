// Conversations are kept in this browser, one entry an answer: no tab overwrites what another keeps.
// What is kept is not believed when it comes back: the server checks it against the library.

const PREFIX = "ibid:";
const unkept = new Map(); // answers that the browser has no room for, while the page is open
const homes = new Map(); // the conversation of each answer on this page
let current = recall("conversation") ?? fresh();

function fresh() {
  const id = Date.now().toString(16) + "-" + Math.random().toString(16).slice(2, 10);
  return remember(id);
}

function recall(name) {
  try {
    return sessionStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

function remember(id) {
  try {
    sessionStorage.setItem(PREFIX + "conversation", id);
  } catch {}
  return id;
}

function entries(id) {
  const start = `${PREFIX}${id}:`;
  return allNames()
    .filter((name) => name.startsWith(start))
    .sort()
    .map((name) => ({ key: name.slice(start.length), answer: kept(name) }));
}

function allNames() {
  let names = [];
  try {
    names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  } catch {}
  return [...new Set([...names, ...unkept.keys()])];
}

function kept(name) {
  try {
    return localStorage.getItem(name) ?? unkept.get(name);
  } catch {
    return unkept.get(name);
  }
}

function keep(name, answer) {
  try {
    localStorage.setItem(name, answer);
  } catch {
    unkept.set(name, answer);
    say("This browser has no room for this answer: it is gone when the page is closed.");
  }
}

function forget(name) {
  unkept.delete(name);
  try {
    localStorage.removeItem(name);
  } catch {}
}

function answerOf(exchange) {
  const { key } = exchange.dataset;
  return { key, answer: kept(`${PREFIX}${homes.get(key)}:${key}`) };
}

function show(id) {
  reader.close();
  current = remember(id);
  const all = entries(id);
  for (const { key } of all) homes.set(key, id);
  trigger("restore", { entries: all });
}

// The list: what other tabs and earlier visits have kept. Text is set as text, never as markup.

const menu = document.createElement("details");
menu.className = "menu";
menu.innerHTML = `<summary>Conversations</summary>
  <nav aria-label="Conversations kept in this browser"></nav>`;
const list = menu.querySelector("nav");

(function place() {
  const top = document.querySelector("#kept");
  if (top) top.append(menu);
  else requestAnimationFrame(place); // Gradio has not made it yet
})();

function conversations() {
  const found = new Map();
  for (const name of allNames().sort()) {
    const [, id, key] = name.split(":");
    const one = found.get(id) ?? { id, first: name, last: "" };
    found.set(id, { ...one, last: key > one.last ? key : one.last });
  }
  return [...found.values()].sort((one, other) => (one.last < other.last ? 1 : -1));
}

function titleOf(name) {
  try {
    return String(JSON.parse(kept(name)).question) || "…";
  } catch {
    return "…";
  }
}

function button(text, label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

function listed() {
  const found = conversations();
  const rows = document.createElement("ul");
  for (const { id, first } of found) {
    const row = document.createElement("li");
    const title = titleOf(first);
    const open = button(title, null, () => {
      menu.open = false;
      toConversation();
      show(id);
    });
    if (id === current) open.setAttribute("aria-current", "true");
    row.append(open, button("✕", `Delete the conversation “${title}”`, () => remove(id)));
    rows.append(row);
  }
  list.replaceChildren(found.length ? rows : "None is kept yet.");
  if (entries(current).length) list.append(exports());
}

function exports() {
  const row = document.createElement("p");
  row.append("Export: ");
  for (const [format, name] of Object.entries({ md: "Markdown", html: "HTML", json: "JSON" })) {
    row.append(button(name, null, () => exported(entries(current), format)));
  }
  return row;
}

function toConversation() {
  document.querySelector('#views [role="tab"]').click();
}

function remove(id) {
  for (const { key } of entries(id)) forget(`${PREFIX}${id}:${key}`);
  if (id === current) show(fresh());
  listed();
  (list.querySelector("button") ?? menu.querySelector("summary")).focus();
}

menu.addEventListener("toggle", listed);
window.addEventListener("storage", () => menu.open && listed());
document.addEventListener("click", (event) => {
  for (const other of document.querySelectorAll("details.menu[open]")) {
    if (!event.composedPath().includes(other)) other.open = false;
  }
  if (event.target.closest("#new")) {
    toConversation();
    reader.close();
    current = fresh();
  }
});
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && event.target.closest?.("details.menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
