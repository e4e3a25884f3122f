// Copies a text into the clipboard: a button with data-copies="<id of a field>" and, for the word
// that it was done, data-told. Without scripts, or without a clipboard, the button stays hidden.
"use strict";

for (const button of document.querySelectorAll("button[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  const status = button.parentElement.querySelector("[data-copy-status]");
  if (!field) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // No clipboard outside HTTPS: the selection can be copied by the older command.
      if (!document.execCommand("copy")) return;
    }
    if (status) status.textContent = button.dataset.told;
  });
}
