"""What stands on the figures, in English and Chinese."""

from __future__ import annotations

from causation.dossier.labels import in_language

__all__ = ["say", "shown"]

_TEXT: dict[str, tuple[str, str]] = {
    "standard": ("comparison value {threshold}", "对照值{threshold}"),
    "prior": ("prior", "先验概率"),
    "posterior": ("posterior probability", "后验概率"),
    "posterior_of": ("posterior of the proposition", "待证事实的后验概率"),
    "held": ("held to the validated range", "保守值（以经验证的上限为限）"),
    "held_of": ("held probability of the proposition", "待证事实的概率（保守值）"),
    "model_value": ("the model's", "模型值"),
    "redrawn": ("middle 90 % of the redraws", "重新取值检验的中间90%"),
    "redraws": ("redraws", "重新取值次数"),
    "mean": ("mean {p}", "均值{p}"),
    "by_route": ("by route", "按途径"),
    "by_source": ("by entrance", "按起始来源"),
    "prior_axis": ("prior probability of the proposition's routes", "待证事实之途径的先验概率"),
    "same": ("no evidence", "无证据时"),
    "this_case": ("this case: {prior} → {posterior}", "本案：{prior} → {posterior}"),
    "reached_at": (
        "comparison value reached at a prior of {prior}",
        "先验概率为{prior}时达到对照值",
    ),
    "bans": ("log10 odds of the proposition", "待证事实的发生比（以10为底的对数）"),
    "prior_odds": ("prior odds", "先验发生比"),
    "posterior_odds": ("posterior odds", "后验发生比"),
    "sequential": ("in order of presentation", "按举证顺序"),
    "shapley": ("averaged over all orders (Shapley)", "对所有顺序取平均（Shapley值）"),
    "model": ("the model: one series, shared causes", "本模型：同一系列，共同原因"),
    "independent": ("as if every victim were independent", "假设各被公开者相互独立"),
    "own_count": ("this case: {count}", "本案：{count}人"),
    "victims_in": ("victims in “{group}”", "“{group}”人数"),
    "lr_rest": ("log10 LR against all the rest", "相对其余来源的似然比对数"),
    "base": ("the case as stated", "本案所载"),
    "readings": ("readings of the facts", "事实解读"),
    "models": ("stress on the model", "模型设定"),
    "binding": ("{label} (binds)", "{label}（纳入对照）"),
    "set": ("prior set: {name}", "先验集“{name}”"),
    "not_computed": ("{label}: not computed", "{label}：未能计算"),
    "range": ("range of opinion", "不同设定下的结果范围"),
    "supplied": ("supplied the field", "该项信息出自该来源"),
    "sole": ("alone supplied it", "该项信息仅出自该来源"),
    "met": ("at least {threshold}", "不低于{threshold}"),
    "not_met": ("below {threshold}", "低于{threshold}"),
    "here": ("this case", "本案"),
    "edge": ("nearest point on the edge", "最近的临界点"),
    "input_low": ("input at its 5 % point", "输入取5%分位值"),
    "input_high": ("input at its 95 % point", "输入取95%分位值"),
    "one_lower": ("input one logit lower", "输入降低一个logit"),
    "one_higher": ("input one logit higher", "输入升高一个logit"),
    "variance": ("share of the variance of the log odds", "占对数发生比方差的份额"),
    "judged": ("judgement alone", "仅凭判断"),
    "supported": ("supported by a source", "有来源支持"),
    "incidents": ("{share}; {n} incidents", "{share}；{n}起事件"),
    "of_series": ("{label}; of the series: {p}", "{label}；属同一系列：{p}"),
    "any_remove": ("at any remove: {p}", "直接或经由旧泄露：{p}"),
    "as_it_is": ("as it is: {p}", "现值：{p}"),
    "model_short": ("model", "本模型"),
    "naive": ("naive product", "简单相乘"),
    "true": ("{method}, true", "{method}（为真）"),
    "false": ("{method}, false", "{method}（为假）"),
    "turing": ("Turing's 1/x", "图灵界 1/x"),
    "log10_lr": ("log10 likelihood ratio", "似然比对数"),
    "cases_above": ("cases above, %", "高于该值的案件（%）"),
    "band": ("if calibrated, central 99.7 %", "若校准良好（99.7%区间）"),
    "got_in": ("got in at", "最先取得信息之处"),
    "used": ("used", "查询所及的来源"),
    "published": ("published", "被公开的信息"),
    "width": ("width of a line: probability", "线宽：概率"),
    "posted": ("published", "信息被公开"),
    "was_true": ("the published value was the true one", "所公开的值为真实值的时段"),
    "predicted": ("posterior probability", "后验概率"),
    "observed": ("share that were true", "实际为真的比例"),
}


def say(key: str, lang: str, /, **values: object) -> str:
    """Return a text of the figures with its values filled in."""
    return shown(in_language(_TEXT[key], lang, **values), lang)


def shown(number: str, lang: str) -> str:
    """Set digits as the language does: the sign of per cent close in Chinese, a true minus.

    Examples
    --------
    >>> shown("79.7 %", "zh"), shown("-1.20", "en")
    ('79.7%', '−1.20')
    """
    text = number if lang == "en" else number.replace(" %", "%")
    return "−" + text[1:] if text.startswith("-") else text
