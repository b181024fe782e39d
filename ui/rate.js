// A reader's word on an answer, and the known fact that is made of it. `server` comes from Gradio.

const rating = document.createElement("dialog");
rating.className = "sure";
rating.setAttribute("aria-labelledby", "rating-title");
rating.innerHTML = `<form method="dialog"><h2 id="rating-title"></h2>
  <label>Why? <small>It stays on this server.</small><textarea rows="4" maxlength="4000"></textarea></label>
  <p role="status"></p><pre tabindex="0" aria-label="Draft known fact"></pre>
  <button class="keep" type="button">Keep it</button>
  <button class="fact" type="button">Make a draft known fact</button>
  <button class="close">Close</button></form>`;
document.body.append(rating);
const [title, reason, told, fact, keepIt, makeFact] = ["h2", "textarea", "p", "pre", ".keep", ".fact"].map(
  (name) => rating.querySelector(name),
);
let rated = null;

function rate(exchange, thumb) {
  rated = { rating: thumb.dataset.rating, entry: answerOf(exchange), thumb, fact: "" };
  title.textContent = thumb.title;
  told.textContent = fact.textContent = reason.value = "";
  reason.parentElement.hidden = keepIt.hidden = false;
  makeFact.hidden = fact.hidden = true;
  rating.showModal();
  reason.focus();
}

keepIt.addEventListener("click", async () => {
  const { thumb, ...about } = rated;
  delete about.fact;
  let kept = { told: "The server did not keep it; its log says why." };
  try {
    kept = await server.rate({ ...about, reason: reason.value });
  } catch {}
  told.textContent = kept.told;
  rated.fact = kept.fact;
  if (!kept.fact) return;
  reason.parentElement.hidden = keepIt.hidden = true;
  makeFact.hidden = false;
  makeFact.focus();
  for (const one of thumb.parentElement.querySelectorAll(".thumb")) {
    one.setAttribute("aria-pressed", String(one === thumb));
  }
});

makeFact.addEventListener("click", () => {
  fact.textContent = rated.fact;
  fact.hidden = false;
  save(rated.fact, "known-fact.yaml", "application/yaml");
  told.textContent = "Saved as known-fact.yaml: read it before you add it to a facts file.";
});
