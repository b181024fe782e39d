// Opens quotes in the reader, asks the example questions and keeps the newest question in view.
// `element`, `server`, `trigger` and `watch` come from Gradio (gr.HTML, js_on_load).

const reader = document.createElement("dialog");
reader.id = "reader";
reader.setAttribute("aria-labelledby", "reader-title");
reader.innerHTML = `
  <form method="dialog"><button class="close" aria-label="Close the article">Close ✕</button></form>
  <div class="page"></div>`;
document.body.append(reader);
const page = reader.querySelector(".page");

async function open(place) {
  page.innerHTML = '<h2 id="reader-title">Opening the article…</h2>';
  reader.showModal();
  try {
    page.innerHTML = await server.read(place);
  } catch {
    page.innerHTML = '<h2 id="reader-title">The article could not be opened</h2>';
  }
  const quote = page.querySelector("mark");
  quote?.scrollIntoView({ block: "center", behavior: "instant" });
  quote?.focus({ preventScroll: true });
}

reader.addEventListener("click", (event) => {
  if (event.target === reader) reader.close();
});

element.addEventListener("click", (event) => {
  const example = event.target.closest("[data-question]");
  if (example) return trigger("submit", { question: example.dataset.question });
  const opener = event.target.closest("[data-place]");
  if (!opener || !getSelection().isCollapsed) return;
  (opener.matches("button") ? opener : opener.querySelector("button")).focus();
  open(opener.dataset.place);
});

let asked = 0;
watch("value", () => {
  const questions = element.querySelectorAll(".exchange");
  if (questions.length > asked) questions[questions.length - 1].scrollIntoView();
  asked = questions.length;
  setTimeout(keepFocus, 100);
});

// The button that was pressed (an example, Stop) is gone; on a phone focus would open a keyboard.
function keepFocus() {
  const lost = document.activeElement === document.body;
  if (lost && matchMedia("(pointer: fine)").matches) {
    document.querySelector("#question textarea")?.focus({ preventScroll: true });
  }
}
