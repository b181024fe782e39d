// Asks the example questions and keeps the newest question in view.
// `element`, `trigger` and `watch` come from Gradio (gr.HTML, js_on_load).

element.addEventListener("click", (event) => {
  const example = event.target.closest("[data-question]");
  if (example) trigger("submit", { question: example.dataset.question });
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
