// Asks before an article is deleted. `element` and `trigger` come from Gradio.

const sure = document.createElement("dialog");
sure.className = "sure";
sure.setAttribute("aria-labelledby", "sure-question");
sure.innerHTML = `<form method="dialog"><p id="sure-question"></p>
  <button value="">Keep it</button> <button value="delete" class="delete">Delete it</button></form>`;
document.body.append(sure);
let article = null;

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-delete]");
  if (!button) return;
  article = button.dataset.delete;
  sure.querySelector("p").textContent =
    `Delete “${button.dataset.title}” from the library? The file it came from stays.`;
  sure.returnValue = "";
  sure.showModal();
});

sure.addEventListener("close", () => {
  if (sure.returnValue === "delete") trigger("delete", { article });
});
