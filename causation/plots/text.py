"""What stands on the figures, in English and Chinese."""

from __future__ import annotations

from causation.dossier.labels import LANGUAGES, check_language

__all__ = ["say"]

_TEXT: dict[str, tuple[str, str]] = {
    "standard": ("standard of proof {threshold:.2f}", "证明标准 {threshold:.2f}"),
    "prior": ("prior", "先验概率"),
    "redrawn": ("90 % interval under redrawn inputs", "输入重新抽取时的90%区间"),
    "posterior": ("posterior probability", "后验概率"),
    "posterior_of": ("posterior of the proposition", "待证事实的后验概率"),
    "prior_axis": ("prior probability of the proposition", "待证事实的先验概率"),
    "same": ("no evidence", "无证据时"),
    "this_case": (
        "this case: {prior:.2f} → {posterior:.3f}",
        "本案：{prior:.2f} → {posterior:.3f}",
    ),
    "reached_at": ("standard reached at prior {prior:.3g}", "先验概率为 {prior:.3g} 时达到标准"),
    "bans": ("log10 odds of the proposition (bans)", "待证事实的 log10 几率（班）"),
    "prior_odds": ("prior odds", "先验几率"),
    "posterior_odds": ("posterior odds", "后验几率"),
    "sequential": ("in order of presentation", "按举证顺序"),
    "model": ("the model: one series, shared causes", "本模型：同一系列，共同原因"),
    "independent": ("as if every victim were independent", "假设各受害人相互独立"),
    "limit": ("limit, whatever the number", "上限（无论人数多少）"),
    "own_count": ("this case: {count}", "本案：{count}人"),
    "victims_in": ("victims in “{group}”", "“{group}”人数"),
    "lr_rest": ("log10 LR against all the rest", "相对其余来源的 log10 似然比"),
    "graph": (
        "Evidence and what it shares, if the source is: {source}",
        "证据及其共同因素，假设来源为：{source}",
    ),
    "withheld": ("not disclosed: {field}", "未泄露：{field}"),
    "user": ("user of {source}", "{source}用户"),
    "latent_u": ("u: how the source's fields come together", "u：该来源各字段是否一并出现"),
    "latent_c": ("c: how often it yields {field}", "c：获得{field}的频率"),
    "latent_d": ("d: how many of its victims use {source}", "d：受害人中{source}用户的比例"),
    "latent_g": ("γ: effect of “{item}”", "γ：“{item}”的影响"),
    "met": ("at least {threshold:.2f}: met", "不低于 {threshold:.2f}：达到"),
    "not_met": ("below {threshold:.2f}: not met", "低于 {threshold:.2f}：未达到"),
    "here": ("this case", "本案"),
    "edge": ("nearest point on the edge", "最近的临界点"),
    "input_low": ("input at its 5 % point", "输入取5%分位值"),
    "input_high": ("input at its 95 % point", "输入取95%分位值"),
    "as_it_is": ("as it is: {p:.3f}", "现值：{p:.3f}"),
    "model_short": ("model", "本模型"),
    "naive": ("naive product", "简单相乘"),
    "true": ("{method}, true", "{method}（为真）"),
    "false": ("{method}, false", "{method}（为假）"),
    "turing": ("Turing's 1/x", "图灵界 1/x"),
    "log10_lr": ("log10 likelihood ratio", "log10 似然比"),
    "cases_above": ("cases above, %", "高于该值的案件（%）"),
    "band": ("if calibrated, central 99.7 %", "若校准良好（99.7%区间）"),
    "predicted": ("posterior probability of a source", "来源的后验概率"),
    "observed": ("share that were the true one", "实际为真的比例"),
    "shapley": ("averaged over all orders (Shapley)", "对所有顺序取平均（Shapley值）"),
}


def say(key: str, lang: str, /, **values: object) -> str:
    """Return a text of the figures with its values filled in."""
    return _TEXT[key][LANGUAGES.index(check_language(lang))].format(**values)
