"use strict";
/* Posterior for other prior weights and comparison values, from the evidence by route.
   The evidence of a route does not depend on the prior; only its prior is moved here. */
(() => {
  const box = document.getElementById("explorer-form");
  const data = JSON.parse(document.getElementById("explorer-data").textContent);
  const LN10 = Math.log(10);
  const value = (x) => (x === null ? -Infinity : x);

  const logSumExp = (xs) => {
    const top = Math.max(-Infinity, ...xs);
    if (top === -Infinity) return -Infinity;
    return top + Math.log(xs.reduce((sum, x) => sum + Math.exp(x - top), 0));
  };

  /* Probability of the proposition, as the model has it and with its ratio limited. */
  const posterior = (moves) => {
    const raw = data.routes.map((r) => value(r.logPrior) + LN10 * moves[r.class]);
    const total = logSumExp(raw);
    const prior = raw.map((x) => x - total);
    const joint = data.routes.map((r, z) => prior[z] + value(r.logEvidence));
    const all = logSumExp(joint);
    const after = joint.map((x) => Math.exp(x - all));
    const sum = (xs, inside) => logSumExp(xs.filter((_, z) => data.routes[z].inside === inside));
    const model = after.reduce((s, p, z) => s + p * data.routes[z].credit, 0);
    let held = model;
    const within = after.reduce((s, p, z) => s + (data.routes[z].inside ? p : 0), 0);
    if (data.bound !== null && within > 0) {
      const odds = sum(prior, true) - sum(prior, false);
      const ratio = sum(joint, true) - sum(joint, false) - odds;
      const limit = LN10 * data.bound;
      held = (model / within) / (1 + Math.exp(-odds - Math.max(-limit, Math.min(limit, ratio))));
    }
    return { prior: prior.map(Math.exp), after, model, held };
  };

  /* Digits as in the rest of the report. */
  const percent = (p) => {
    const set = (text) => text + data.text.percent;
    if (p === 0 || p === 1) return set(String(100 * p));
    const rest = Math.min(p, 1 - p);
    if (rest < 1e-12) return set(p < 0.5 ? "< 0.0000000001" : "> 99.9999999999");
    const least = rest >= 0.001 ? 1
      : Math.max(1, Math.min(10, 1 - Math.floor(Math.log10(100 * rest))));
    const same = (text) => data.levels.every(([t, per]) => (Number(text) >= per) === (p >= t));
    for (let decimals = least; decimals < 10; decimals += 1) {
      const text = (100 * p).toFixed(decimals);
      if (same(text)) return set(text);
    }
    return set((100 * p).toFixed(10));
  };

  const rows = data.classes.map((_, k) => ({
    slider: document.getElementById(`weight-${k}`),
    output: document.getElementById(`output-${k}`),
  }));
  const standard = document.getElementById("slider-standard");
  const standardOutput = document.getElementById("standard-output");
  const answer = document.getElementById("answer");
  const limited = document.getElementById("limited");
  const verdict = document.getElementById("verdict");

  const update = () => {
    const moves = rows.map((row) => Number(row.slider.value));
    const result = posterior(moves);
    const threshold = Number(standard.value);
    rows.forEach((row, k) => {
      const of = (xs) => xs.reduce((s, x, z) => s + (data.routes[z].class === k ? x : 0), 0);
      const weight = data.classes[k].weight * 10 ** moves[k];
      row.output.textContent = `${weight.toPrecision(3)}${data.text.semicolon}`
        + `${data.text.prior} ${percent(of(result.prior))}${data.text.semicolon}`
        + `${data.text.posterior} ${percent(of(result.after))}`;
      row.output.dataset.posterior = String(of(result.after));
      row.slider.setAttribute("aria-valuetext", weight.toPrecision(3));
    });
    answer.textContent = percent(result.model);
    answer.dataset.value = String(result.model);
    limited.textContent = data.bound === null ? "" : data.text.held.replace("%x", percent(result.held));
    limited.dataset.value = String(result.held);
    const reached = result.held >= threshold;
    verdict.textContent = reached ? data.text.reached : data.text.not_reached;
    verdict.dataset.reached = String(reached);
    standardOutput.textContent = String(Number((100 * threshold).toFixed(6))) + data.text.percent;
  };

  const reset = () => {
    rows.forEach((row) => { row.slider.value = "0"; });
    standard.value = String(data.threshold);
    update();
  };

  for (const input of box.querySelectorAll("input")) input.addEventListener("input", update);
  document.getElementById("reset").addEventListener("click", reset);
  box.hidden = false;
  const without = document.getElementById("explorer-without");
  if (without) without.hidden = true;
  reset();
})();
