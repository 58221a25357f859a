"use strict";

// ---- the table is the index: what its filter and the verdict's chips hide, they hide below, too ----

{
  const part = document.querySelector("#overview .table");
  const chips = [...document.querySelectorAll(".chips button")];
  let wanted = "";

  const target = (row) => document.getElementById(row.querySelector("a").getAttribute("href").slice(1));
  part.accepts = (row) => !wanted || target(row).dataset.verdict === wanted;

  part.addEventListener("filtered", () => {
    for (const row of part.querySelectorAll("tbody tr")) target(row).hidden = row.hidden;
    for (const group of document.querySelectorAll(".claim, .part")) {
      group.hidden = !group.querySelector(".variant:not([hidden])");
    }
  });

  for (const chip of chips) {
    chip.addEventListener("click", () => {
      wanted = chip.dataset.verdict;
      chips.forEach((other) => { other.ariaPressed = String(other === chip); });
      part.querySelector("input").dispatchEvent(new Event("input"));
    });
  }

  // a link to a claim that is hidden shows all of them again
  addEventListener("hashchange", () => {
    const place = document.getElementById(location.hash.slice(1));
    if (!place || !place.closest("[hidden]")) return;
    part.querySelector("input").value = "";
    chips[0].click();
    place.scrollIntoView();
  });
}

// ---- programs are copied, or selected where the browser does not let pages copy ----

for (const button of document.querySelectorAll(".copy")) {
  button.addEventListener("click", async () => {
    const program = button.parentElement.querySelector("pre");
    try {
      await navigator.clipboard.writeText(program.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(program);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}
