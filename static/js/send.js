/* The page on which files are chosen: the drop zone, and what is here already from an earlier time.

   Files go on their way by send-files.js, which is fetched when somebody chooses one. Without it the
   form sends them all at once; both ways end on the page that shows what was found. */
(() => {
  "use strict";
  const form = document.getElementById("send-form");
  if (!form) return;
  const field = form.elements.file;
  const zone = document.getElementById("drop-zone");
  const panel = document.getElementById("unfinished");

  /* --- The rest of the program */

  let fetching = null;
  const load = (address) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });

  function prepare() {
    const addresses = form.dataset.scripts.split(" ");
    fetching ??= Promise.all(addresses.map(load)).catch((error) => { fetching = null; throw error; });
    return fetching;
  }

  field.addEventListener("change", () => prepare().catch(() => {}));
  form.addEventListener("submit", (event) => {
    if (!field.files.length) return;
    event.preventDefault();
    prepare().then(() => sending.start(), () => form.submit());
  });

  /* --- The drop zone: a drop fills the field that a person fills by choosing */

  zone.querySelector(".drop-words").hidden = false;
  const hovering = (on) => zone.classList.toggle("drop-zone-over", on);
  zone.addEventListener("dragover", (event) => { event.preventDefault(); hovering(true); });
  zone.addEventListener("dragleave", () => hovering(false));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    hovering(false);
    if (!event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    prepare().catch(() => {});
  });

  /* --- What is here from an earlier time; a browser can't open a file again by itself */

  async function remove(row) {
    const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
    const answer = await fetch(row.dataset.address, { method: "DELETE", headers }).catch(() => null);
    const status = document.getElementById("unfinished-status");
    // Without a session the portal leads to its login page, which a request follows silently.
    const isOut = answer && (answer.redirected || [401, 403].includes(answer.status));
    const isGone = answer && !isOut && [204, 404, 410].includes(answer.status);
    status.textContent = isGone ? row.dataset.removed : isOut ? panel.dataset.session : panel.dataset.lost;
    if (!isGone) return;
    sending.forget(row.dataset.address);
    document.getElementById("unfinished-heading").focus();
  }

  const rows = panel ? [...panel.querySelectorAll("li")] : [];
  for (const row of rows) {
    row.querySelector(".unfinished-remove")?.addEventListener("click", () => remove(row));
  }

  /* --- What the rest needs of this page */

  window.sending = {
    form,
    known: rows.map((row) => ({
      address: row.dataset.address,
      review: row.dataset.review,
      name: row.dataset.name,
      size: Number(row.dataset.size),
      modified: row.dataset.modified ? Number(row.dataset.modified) : null,
      account: row.dataset.account,
    })),
    forget(address) {
      sending.known = sending.known.filter((each) => each.address !== address);
      rows.find((row) => row.dataset.address === address)?.remove();
    },
    showKnown(shown) {
      if (panel) panel.hidden = !shown || !panel.querySelector("li, [role=status]:not(:empty)");
    },
  };
  sending.showKnown(true);
})();
