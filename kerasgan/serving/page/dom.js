import { integer } from "./state.js";

/** The element of an id. */
export const $ = (id) => document.getElementById(id);

/** An element with properties and children; text goes in as text. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Fill a select with numbers. */
export function choices(select, numbers) {
  select.replaceChildren(
    ...numbers.map((value) => make("option", { value }, `${value}`)),
  );
}

/** Fill a select with the names of classes and any, and choose one of them. */
export function classChoices(select, names, chosen) {
  select.closest(".control").hidden = !names;
  const options = [["", "any"], ...(names ?? []).map((name) => [name, name])];
  const there = [...select.options].map(({ value }) => value);
  if (JSON.stringify(there) !== JSON.stringify(options.map(([v]) => v))) {
    const made = options.map(([value, text]) => make("option", { value }, text));
    select.replaceChildren(...made);
  }
  select.value = names?.includes(chosen) ? chosen : "";
}

/** Have `use(seed)` called with each whole number that is put into a field. */
export function seedField(input, use) {
  input.addEventListener("input", () => input.setCustomValidity(""));
  input.addEventListener("change", () => {
    const seed = integer(input.value);
    if (seed !== null) return use(seed);
    const most = Number.MAX_SAFE_INTEGER;
    input.setCustomValidity(`A whole number from −${most} to ${most}`);
    input.reportValidity();
  });
}

/** Arrow keys of a group of radio buttons that lies in rows of `columns`. */
export function arrowsInRows(group, columns) {
  const steps = {
    ArrowLeft: () => -1,
    ArrowRight: () => 1,
    ArrowUp: () => -columns(),
    ArrowDown: columns,
  };
  group.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const radios = [...group.querySelectorAll("input")];
    const at = radios.indexOf(event.target);
    const ends = { Home: 0, End: radios.length - 1 };
    const to = ends[event.key] ?? at + steps[event.key]?.();
    if (at < 0 || Number.isNaN(to)) return;
    event.preventDefault();
    radios[to]?.focus();
    radios[to]?.click();
  });
}

/** Copy a text, and `say` whether it was. */
export async function copy(text, what, say) {
  if (!text) return say("There is nothing to copy.");
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https there is no clipboard but this one.
    const field = make("textarea", { value: text });
    const { activeElement } = document;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    activeElement.focus();
    if (!copied) return say("The browser does not let the page copy.");
  }
  say(`${what} is copied.`);
}
