"use strict";
/* Posterior for other priors and standards, from the integrals of the case.
   The sums are those of the package: mixture over linkage and misfit, then findings. */
(() => {
  const box = document.getElementById("explorer-form");
  const data = JSON.parse(document.getElementById("explorer-data").textContent);
  const LN10 = Math.log(10);
  const value = (x) => (x === null ? -Infinity : x);

  const logSumExp = (xs) => {
    const top = Math.max(...xs);
    if (top === -Infinity) return -Infinity;
    return top + Math.log(xs.reduce((sum, x) => sum + Math.exp(x - top), 0));
  };
  const times = (count, x) => (count > 0 ? count * x : 0);
  const logFactorial = (n) => { let sum = 0; for (let k = 2; k <= n; k += 1) sum += Math.log(k); return sum; };
  const logChoose = (n, k) => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

  /* log L_s of one randomisation, without findings */
  const victims = (integral, logPrior) => {
    const byState = integral.map((branches, s) => branches[0].map((_, q) => logSumExp([
      value(branches[0][q]) + Math.log1p(-data.sources[s].misfit),
      value(branches[1][q]) + Math.log(data.sources[s].misfit),
    ])));
    const number = data.states.length - data.uncertain.length;
    const background = data.uncertain.map((_, i) =>
      logSumExp(byState.map((row, s) => logPrior[s] + row[number + i])));
    return byState.map((row) => {
      const terms = [];
      for (let q = 0; q < number; q += 1) {
        let coefficient = 0;
        data.uncertain.forEach((t, i) => {
          const linked = data.states[q][t];
          const all = data.multiplicity[t];
          coefficient += logChoose(all, linked)
            + times(linked, Math.log(data.linkage[t]))
            + times(all - linked, Math.log1p(-data.linkage[t]) + background[i]);
        });
        terms.push(coefficient + row[q]);
      }
      return logSumExp(terms);
    });
  };

  const findings = (group, logPrior) => {
    const joint = logPrior.map((_, s) => logSumExp([
      Math.log(group.repeats) + value(group.logLikelihood[0][s]),
      Math.log1p(-group.repeats) + group.logLikelihood.reduce((sum, row) => sum + value(row[s]), 0),
    ]));
    const anyway = logSumExp(joint.map((x, s) => x + logPrior[s]));
    return joint.map((x) => logSumExp([
      Math.log(group.reliability) + x, Math.log1p(-group.reliability) + anyway,
    ]));
  };

  const posterior = (logWeight) => {
    const raw = logWeight.map((w, s) => w + data.sources[s].logSecurity);
    const total = logSumExp(raw);
    const logPrior = raw.map((w) => w - total);
    const replicates = data.logIntegral.map((integral) => victims(integral, logPrior));
    const extra = data.findings.map((group) => findings(group, logPrior));
    const log = logPrior.map((prior, s) => prior
      + logSumExp(replicates.map((row) => row[s])) - Math.log(replicates.length)
      + extra.reduce((sum, row) => sum + row[s], 0));
    const all = logSumExp(log);
    return { prior: logPrior.map(Math.exp), posterior: log.map((x) => Math.exp(x - all)) };
  };

  /* The rule of digits of the report; `uncertainty` 0 means an assumption. */
  const exponent = (x) => Math.floor(Math.log10(Math.abs(x)) + 1e-12);
  const percent = (p, uncertainty, threshold) => {
    if (uncertainty !== 0 && p > 0 && p < 5e-7) return data.text.less.replace("%x", "0.0001");
    if (uncertainty !== 0 && p > 1 - 5e-7) return data.text.more.replace("%x", "99.9999");
    let decimals = 3;
    if (uncertainty > 0) decimals = Math.max(-exponent(uncertainty), 1);
    if (p > 0) decimals = Math.min(Math.max(decimals, -exponent(p)), 3 - exponent(p));
    if (threshold !== undefined) decimals = Math.max(decimals, 2);
    const wrong = () => {
      const shown = Number(p.toFixed(decimals));
      if ((shown === 0 && p > 0) || (shown === 1 && p < 1)) return true;
      return threshold !== undefined && p !== threshold
        && (shown === threshold || (shown >= threshold) !== (p >= threshold));
    };
    while (decimals < 6 && wrong()) decimals += 1;
    return data.text.percent.replace("%x", (100 * p).toFixed(Math.max(decimals - 2, 0)));
  };

  const rows = data.sources.map((_, s) => ({
    slider: document.getElementById(`weight-${s}`),
    output: document.getElementById(`output-${s}`),
  }));
  const standard = document.getElementById("slider-standard");
  const standardOutput = document.getElementById("standard-output");
  const answer = document.getElementById("answer");
  const verdict = document.getElementById("verdict");

  const update = () => {
    const logWeight = rows.map((row, s) => data.sources[s].logWeight + LN10 * Number(row.slider.value));
    const result = posterior(logWeight);
    const threshold = Number(standard.value);
    let probability = 0;
    rows.forEach((row, s) => {
      const p = result.posterior[s];
      if (data.sources[s].proposition) probability += p;
      const weight = Math.exp(logWeight[s]);
      row.output.textContent = `${weight.toPrecision(3)}${data.text.semicolon}`
        + `${data.text.prior} ${percent(result.prior[s], 0)}${data.text.semicolon}${data.text.posterior} ${percent(p, p * (1 - p) * LN10 * data.spread)}`;
      row.output.dataset.posterior = String(p);
      row.output.dataset.prior = String(result.prior[s]);
      row.output.dataset.weight = String(weight);
      row.slider.setAttribute("aria-valuetext", weight.toPrecision(3));
    });
    probability = Math.min(probability, 1);
    const uncertainty = probability * (1 - probability) * LN10 * data.spread;
    answer.textContent = percent(probability, uncertainty, threshold);
    answer.dataset.value = String(probability);
    const reached = probability >= threshold;
    verdict.textContent = reached ? data.text.reached : data.text.not_reached;
    verdict.dataset.reached = String(reached);
    standardOutput.textContent = data.text.percent.replace("%x", String(Number((100 * threshold).toFixed(6))));
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
