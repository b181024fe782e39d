// What is done with an answer, the example questions, and the newest question kept in view.
// `element`, `props`, `server`, `trigger` and `watch` come from Gradio (gr.HTML, js_on_load).

const status = document.createElement("div");
status.id = "said";
status.setAttribute("role", "status");
document.body.append(status);
let quiet = 0;

function say(text) {
  status.textContent = text;
  clearTimeout(quiet);
  quiet = setTimeout(() => (status.textContent = ""), 4000);
}

// The text comes later than the click; a promise of it keeps the right to copy (Safari).
async function copy(text) {
  try {
    const blob = Promise.resolve(text).then((said) => new Blob([said], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  } catch {
    const area = document.createElement("textarea"); // where the page is not served securely
    area.value = await text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say("Copied.");
}

function save(text, name, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  say(`Saved as ${name}.`);
}

// JSON is what the browser has: one answer is what `ibid verify` takes, a conversation is a list.
async function exported(entries, format) {
  const types = { md: "text/markdown", html: "text/html", json: "application/json" };
  const answers = entries.map(({ answer }) => answer);
  const json = answers.length === 1 ? answers[0] : `[${answers.join(",\n")}]`;
  const text = format === "json" ? json : await server.export({ entries, format });
  save(text, `ibid-answer${entries.length > 1 ? "s" : ""}.${format}`, types[format]);
}

let retried = null;
const acts = {
  copy(exchange) {
    copy(server.export({ entries: [answerOf(exchange)], format: "text" }));
  },
  export(exchange, { dataset: { format } }) {
    exported([answerOf(exchange)], format);
    exchange.querySelector(".menu").open = false;
  },
  rate,
  retry(exchange) {
    retried = answerOf(exchange);
    trigger("retry", {});
  },
};

element.addEventListener("click", (event) => {
  const example = event.target.closest("[data-question]");
  if (example) return trigger("submit", { question: example.dataset.question });
  const act = event.target.closest("[data-do]");
  if (act) acts[act.dataset.do](act.closest(".exchange"), act);
});

let asked = 0;
watch("value", () => {
  const exchanges = element.querySelectorAll(".exchange");
  for (const exchange of exchanges) note(exchange);
  if (exchanges.length > asked) exchanges[exchanges.length - 1].scrollIntoView();
  asked = exchanges.length;
  setTimeout(keepFocus, 100);
});

// Keeps an answer once it is complete; one that was asked again takes the place of the one before.
function note({ dataset: { key, answer } }) {
  if (!homes.has(key)) homes.set(key, current);
  if (!answer) return;
  keep(`${PREFIX}${homes.get(key)}:${key}`, answer);
  if (retried && retried.key !== key) forget(`${PREFIX}${homes.get(retried.key)}:${retried.key}`);
  retried = null;
  if (menu.open) listed();
}

// The button that was pressed (an example, Stop) is gone; on a phone focus would open a keyboard.
function keepFocus() {
  const lost = document.activeElement === document.body;
  if (lost && matchMedia("(pointer: fine)").matches) {
    document.querySelector("#question textarea")?.focus({ preventScroll: true });
  }
}

// Whoever asks before the start page has come keeps what they asked.
async function start() {
  if (entries(current).length) return show(current);
  const page = await server.start();
  if (page && !element.querySelector(".exchange")) props.value = page;
}

start();
