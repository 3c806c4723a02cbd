"use strict";
// The page is whole without this: it adds sorting, a filter of the rows, links to headings, and opens folds for print.
(() => {
  const make = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const live = make("p", { className: "unseen" });
  live.setAttribute("aria-live", "polite");
  document.body.append(live);

  const value = (cell) => {
    if (cell.dataset.sort !== undefined) return Number(cell.dataset.sort);
    const text = cell.textContent.trim();
    return text === "-" || text === "?" || text === "" ? null : text;
  };
  const before = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), "en", { numeric: true });
  };
  const sort = (table, head, column) => {
    const rising = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => ({ row, key: value(row.cells[column]) }));
    // What is not known stays last, whichever way.
    rows.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
      return rising ? before(a.key, b.key) : before(b.key, a.key);
    });
    body.append(...rows.map((each) => each.row));
    const name = head.querySelector("button").firstChild.textContent;
    live.textContent = `Sorted by ${name}, ${rising ? "rising" : "falling"}.`;
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    if (table.tBodies[0].rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = make("button", { type: "button", className: "sort" }, ...head.childNodes);
      button.addEventListener("click", () => sort(table, head, column));
      head.append(button);
    });
  }

  // A table wider than its place says so in words too; one in a fold has no width before it is opened.
  const seen = new ResizeObserver((entries) => {
    for (const { target } of entries) target.classList.toggle("over", target.scrollWidth > target.clientWidth + 1);
  });
  for (const each of document.querySelectorAll(".scroll")) seen.observe(each);

  // On a narrow page the contents would push the verdict off the first screen.
  const narrow = matchMedia("(max-width: 62rem)");
  const contents = document.querySelector(".contents details");
  const fold = () => { if (contents) contents.open = !narrow.matches; };
  narrow.addEventListener("change", fold);
  fold();

  for (const box of document.querySelectorAll(".disagreements")) {
    const rows = [...box.querySelectorAll(".example")];
    if (rows.length < 2) continue;
    const names = [...box.querySelector("template.strategies").content.children].map((each) => each.textContent);
    const select = make("select", {}, new Option("any strategy", ""));
    names.forEach((name, i) => select.append(new Option(name, String(i))));
    const search = make("input", { type: "search", autocomplete: "off" });
    const shown = make("output", {});
    const filter = () => {
      const words = search.value.toLowerCase();
      let count = 0;
      for (const row of rows) {
        const wrong = select.value === "" || row.dataset.wrong.split(" ").includes(select.value);
        row.hidden = !(wrong && row.textContent.toLowerCase().includes(words));
        count += row.hidden ? 0 : 1;
      }
      shown.textContent = `${count} of ${rows.length} rows`;
    };
    select.addEventListener("change", filter);
    search.addEventListener("input", filter);
    const form = make(
      "div",
      { className: "filter" },
      make("label", {}, "wrong or failed: ", select),
      make("label", {}, "contains: ", search),
      shown,
    );
    form.setAttribute("role", "search");
    form.setAttribute("aria-label", "Filter the rows");
    box.querySelector(".shelf").before(form);
    filter();
  }

  for (const heading of document.querySelectorAll("main h2[id], main h3[id]")) {
    const link = make("a", { className: "anchor", href: `#${heading.id}` }, "#");
    link.setAttribute("aria-label", `Copy a link to ${heading.textContent}`);
    link.addEventListener("click", () => {
      const address = `${location.href.split("#")[0]}#${heading.id}`;
      if (navigator.clipboard) {
        navigator.clipboard.writeText(address).then(
          () => { live.textContent = "Link copied."; },
          () => { live.textContent = "The link is in the address bar."; },
        );
      }
    });
    heading.append(" ", link);
  }

  const opened = [];
  addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("details:not([open])")) {
      each.open = true;
      opened.push(each);
    }
  });
  addEventListener("afterprint", () => {
    for (const each of opened.splice(0)) each.open = false;
  });
  const goal = () => {
    const found = location.hash && document.getElementById(location.hash.slice(1));
    for (let each = found; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
  };
  addEventListener("hashchange", goal);
  goal();
})();
