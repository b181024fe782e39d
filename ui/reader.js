// The reader: an article at a quoted place, beside the page where there is room, over it where not.
// `server` comes from Gradio (gr.HTML, server_functions).

const roomy = matchMedia("(min-width: 56.25rem)");
const reader = document.createElement("dialog");
reader.id = "reader";
reader.setAttribute("aria-labelledby", "reader-title");
reader.innerHTML = `
  <form method="dialog"><button class="close" aria-label="Close the article">Close ✕</button></form>
  <div class="page"></div>`;
document.body.append(reader);
const leaf = reader.querySelector(".page");
let opener = null;

async function read(place, from) {
  opener = from;
  leaf.innerHTML = '<h2 id="reader-title">Opening the article…</h2>';
  if (!reader.open) {
    document.body.classList.toggle("reading", roomy.matches);
    if (roomy.matches) reader.show();
    else reader.showModal();
    opener.scrollIntoView({ block: "nearest", behavior: "instant" });
  }
  let shown = '<h2 id="reader-title">The article could not be opened</h2>';
  try {
    shown = await server.read(place);
  } catch {}
  if (opener !== from || !reader.open) return; // another one was opened, or this one closed
  leaf.innerHTML = shown;
  const quote = leaf.querySelector("mark");
  quote?.scrollIntoView({ block: "center", behavior: "instant" });
  (quote ?? reader.querySelector(".close")).focus({ preventScroll: true });
}

reader.addEventListener("click", (event) => {
  if (event.target === reader && !document.body.classList.contains("reading")) reader.close();
});

reader.addEventListener("close", () => {
  if (reader.open) return; // opened again meanwhile
  document.body.classList.remove("reading");
  const place = opener?.dataset.at;
  const again = place && [...document.querySelectorAll("[data-at]")];
  const target = opener?.isConnected ? opener : again?.find((one) => one.dataset.at === place);
  target?.focus({ preventScroll: true });
  target?.scrollIntoView({ block: "nearest", behavior: "instant" });
});

roomy.addEventListener("change", () => reader.close());

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("reading")) reader.close();
});

document.addEventListener("click", (event) => {
  const place = event.target.closest("[data-place]");
  if (!place || !getSelection().isCollapsed) return;
  const button = place.matches("button") ? place : place.querySelector("button");
  button.focus();
  read(place.dataset.place, button);
});
