import { predictPath } from "./api.js";

/** What draws the same pictures elsewhere. */
export function commands(model, { seed, count, truncation }) {
  const inputs = { count, seed, truncation };
  const body = JSON.stringify({ signature_name: "sample_png", inputs });
  const url = new URL(predictPath(model), document.baseURI);
  const lines = [`curl -s ${url} \\\n  -d '${body}'`];
  if (model.pretrained) {
    const cut = truncation ? ` --truncation ${truncation}` : "";
    lines.unshift(
      `kerasgan sample ${model.name} --seed ${seed} --count ${count}${cut}` +
        " --output samples.png",
    );
  }
  return lines.join("\n\n");
}
