"use strict";
// Sorts tables, and filters, sorts and pages the list of gaps. Without it the page can be read and printed all the same.
// Text from data is only ever set as text, never as markup.
(() => {
  const PAGE = 50;
  const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  /** Less than, equal or more than zero; what is empty comes last, whichever way is sorted. */
  const compare = (a, b, up) => {
    if (a === b) return 0;
    if (a === "" || a === null) return 1;
    if (b === "" || b === null) return -1;
    const sign = typeof a === "number" && typeof b === "number" ? a - b : order.compare(a, b);
    return up ? sign : -sign;
  };

  /** Makes the headings of a table buttons that call `sorted(column, up)`; the first press sorts as the column says. */
  const sortable = (table, sorted) => {
    table.querySelectorAll("thead th:not([data-plain])").forEach((head) => {
      // Not a <button>: browsers leave those out of the headings that they repeat on every sheet of paper.
      const button = document.createElement("span");
      button.setAttribute("role", "button");
      button.tabIndex = 0;
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        button.click();
      });
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        const up = now ? now !== "ascending" : head.dataset.first !== "down";
        table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        sorted(head.cellIndex, up);
      });
    });
  };

  const value = (row, column) => {
    const cell = row.cells[column];
    if (!cell) return "";
    const given = cell.dataset.v;
    if (given === undefined) return cell.textContent.trim();
    return given === "" ? "" : Number(given);
  };

  document.querySelectorAll("table[data-sortable]").forEach((table) => {
    sortable(table, (column, up) => {
      const body = table.tBodies[0];
      const rows = [...body.rows].sort((a, b) => compare(value(a, column), value(b, column), up));
      body.append(...rows);
    });
  });

  const data = document.getElementById("gap-data");
  if (!data) return;
  const columns = JSON.parse(data.textContent);
  const byName = Object.fromEntries(columns.map((column) => [column.name, column]));
  const text = (column, row) => {
    const at = column.at[row];
    return at === null ? "" : column.words[at];
  };
  const count = columns[0].at.length;
  const searched = ["person_id", "name", "title", "missing", "clinician"].filter((name) => byName[name]);
  const haystack = Array.from({ length: count }, (_, row) =>
    searched.map((name) => text(byName[name], row)).join(" ").toLowerCase());

  const table = document.getElementById("gap-table");
  const form = document.getElementById("gap-filters");
  const told = document.getElementById("gap-count");
  const [previous, next] = ["gap-previous", "gap-next"].map((id) => document.getElementById(id));
  const heads = [...table.tHead.rows[0].cells];
  const shown = heads.map((head) => head.dataset.columns.split(" "));
  const field = (name) => form.elements.namedItem(name);
  let rows = [];
  let page = 0;
  let sorting = null;

  const holds = (row, name, wanted) => {
    const words = text(byName[name], row);
    return name === "programs" ? words.split(" ").includes(wanted) : words === wanted;
  };

  const choose = () => {
    const words = field("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = [...form.querySelectorAll("select")].filter((one) => one.value);
    rows = [];
    for (let row = 0; row < count; row += 1) {
      if (words.every((word) => haystack[row].includes(word)) && wanted.every((one) => holds(row, one.name, one.value))) {
        rows.push(row);
      }
    }
    if (sorting) {
      const column = byName[sorting.name];
      rows.sort((a, b) => compare(text(column, a), text(column, b), sorting.up) || a - b);
    }
    page = 0;
    show();
  };

  const cellOf = (names, row, place) => {
    const cell = document.createElement(place === 0 ? "th" : "td");
    if (place === 0) cell.scope = "row";
    cell.className = heads[place].dataset.kind;
    const parts = names.map((name) => text(byName[name], row)).filter(Boolean);
    cell.append(parts[0] || "");
    if (parts.length > 1) {
      const more = document.createElement("span");
      more.className = "aside";
      more.textContent = ` ${parts.slice(1).join(" ")}`;
      cell.append(more);
    }
    return cell;
  };

  const show = () => {
    const lines = rows.slice(page * PAGE, (page + 1) * PAGE).map((row) => {
      const line = document.createElement("tr");
      line.append(...shown.map((names, place) => cellOf(names, row, place)));
      return line;
    });
    table.tBodies[0].replaceChildren(...lines);
    const last = Math.min((page + 1) * PAGE, rows.length);
    told.textContent = rows.length
      ? `${(page * PAGE + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ${rows.length.toLocaleString("en")} gaps`
      : "No gap is like that. Take a filter away.";
    previous.disabled = page === 0;
    next.disabled = last >= rows.length;
  };

  sortable(table, (column, up) => {
    sorting = { name: shown[column][0], up };
    choose();
  });
  form.addEventListener("input", choose);
  form.addEventListener("reset", () => setTimeout(choose));
  form.addEventListener("submit", (event) => event.preventDefault());
  previous.addEventListener("click", () => { page -= 1; show(); });
  next.addEventListener("click", () => { page += 1; show(); });
  document.querySelectorAll("a[data-program]").forEach((link) => link.addEventListener("click", () => {
    form.reset();
    field("programs").value = link.dataset.program;
    setTimeout(choose);
  }));
  document.querySelectorAll(".with-script").forEach((part) => part.removeAttribute("hidden"));
  choose();
})();
