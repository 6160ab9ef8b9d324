import { predictPath } from "./api.js";

import { classInput } from "./gallery.js";

// Within single quotes a shell takes all as it is, but these themselves.
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** What draws the same pictures elsewhere. */
export function commands(model, { seed, count, truncation, label }) {
  const drawn = classInput(model, label);
  const inputs = { count, seed, truncation, ...drawn };
  const body = JSON.stringify({ signature_name: "sample_png", inputs });
  const url = new URL(predictPath(model), document.baseURI);
  const lines = [`curl -s ${url} \\\n  -d '${body}'`];
  if (model.pretrained) {
    let cut = truncation ? ` --truncation ${truncation}` : "";
    if (drawn.label >= 0) cut += ` --label ${quoted(label)}`;
    lines.unshift(
      `kerasgan sample ${model.name} --seed ${seed} --count ${count}${cut}` +
        " --output samples.png",
    );
  }
  return lines.join("\n\n");
}
