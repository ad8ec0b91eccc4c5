"""What the command line says, in English and Chinese."""

from __future__ import annotations

from causation.dossier.labels import in_language

__all__ = ["say"]

_TEXT: dict[str, tuple[str, str]] = {
    # the answer
    "standard": ("Comparison value: {t} ({name})", "对照值：{t}（{name}）"),
    "verdict": (
        "Comparison: {verdict}; held probability {held}.",
        "对照结果：{verdict}；按上限计算的概率（保守值）{held}。",
    ),
    "because": ("{text} ({value})", "{text}（{value}）"),
    "prior_of": (
        "Prior probability of its routes {prior} (assumed: prior set {set}).",
        "其途径的先验概率为{prior}（取自先验集“{set}”）。",
    ),
    "not_computed": ("not computed: {why}", "未能计算：{why}"),
    # routes, sources, victims
    "routes": ("Routes", "途径"),
    "route": ("route", "途径"),
    "prior": ("prior", "先验概率"),
    "posterior": ("posterior", "后验概率"),
    "excluded": ("excluded", "被排除"),
    "sources": ("Part of every source, for the first plaintiff", "各来源（就第一原告而言）"),
    "source": ("source", "来源"),
    "role": ("played a role", "参与泄露链条"),
    "any_remove": ("at any remove", "直接或经由旧泄露"),
    "entrance": ("entrance", "起始来源"),
    "alone": ("only source", "全部信息仅出自该来源"),
    "roles_note": (
        (
            "Played a role: was the entrance, or supplied at least one published field. Roles may "
            "add up to more than 100 %; entrances add up to 100 %."
        ),
        (
            "参与泄露链条：为起始来源（最先取得信息之处），或至少一项被公开信息出自该来源。各来源"
            "合计可超过100%；起始来源合计为100%。"
        ),
    ),
    "provenance": ("Which field came from which source", "各项信息的出处"),
    "field": ("field", "信息"),
    "victims": ("Played a role, for every victim", "就每一被公开者：参与泄露链条的概率"),
    "victim": ("victim", "被公开者"),
    "claimants": ("The proposition about every victim", "就每一被公开者的待证事实"),
    "linked": ("same series", "属同一系列"),
    "over": ("above", "高于对照值"),
    "under": ("below", "低于对照值"),
    # likelihood ratios
    "ratios": (
        "Likelihood ratio of the proposition, held to the validated bound",
        "待证事实的似然比（以经验证的上限为限）",
    ),
    "against": ("against", "相对来源"),
    "ratio": ("ratio", "似然比"),
    "bans": ("log10", "以10为底的对数"),
    "support": ("in words (ratio only)", "文字等级（仅指似然比）"),
    "rest": ("all the rest", "其余全部来源"),
    "no_support": ("no support either way", "对双方均无支持"),
    "supports": ("{strength} support for it", "{strength}支持待证事实"),
    "opposes": ("{strength} support against it", "{strength}支持相反事实"),
    "ratios_note": (
        "Between several routes the prior enters as weights.",
        "涉及数种途径时，先验概率作为权重计入。",
    ),
    # readings
    "readings": ("Other readings of the facts", "其他事实解读"),
    "stress": ("Stress on the model", "模型设定的检验"),
    "reading": ("reading", "解读"),
    "variant": ("setting", "设定"),
    "probability": ("probability", "概率"),
    "held": ("held", "保守值"),
    "above": ("above", "高于对照值"),
    "binding": ("binds", "纳入对照"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "sets": ("Prior sets", "先验集"),
    "set": ("prior set", "先验集"),
    "range": (
        "Range of opinion, over all sets and readings: {lo} to {hi}.",
        "不同设定下的结果范围：{lo}至{hi}。",
    ),
    # redraws
    "redraws": ("Inputs elicited once more", "重新取值检验"),
    "sd": ("sd", "标准差"),
    "mean": ("mean", "均值"),
    "middle": ("middle {mass}", "中间{mass}"),
    "share": ("draws at or above", "不低于对照值者"),
    "redraws_note": (
        (
            "Held probability with every elicited number drawn once more; sd on the logit or log "
            "scale, the first is that of the prior set."
        ),
        "每项取值重新取值后的保守值；标准差按logit或对数尺度计，首行为先验集所取。",
    ),
    # evidence
    "burden": ("Burden of proof by stage", "各举证阶段"),
    "stage": ("stage", "阶段"),
    "contributions": (
        "What the evidence adds to the odds (log10)",
        "各项证据对发生比的影响（以10为底的对数）",
    ),
    "evidence": ("evidence", "证据"),
    "in_order": ("in order", "按举证顺序"),
    "left_out": ("left out", "剔除该项"),
    "shapley": ("mean over orders", "各顺序平均"),
    "total": ("total", "合计"),
    "carriers": ("What carries it", "结果所依赖的输入"),
    "input": ("input", "输入"),
    "lower": ("P, one logit lower", "降低一个logit时"),
    "higher": ("P, one logit higher", "升高一个logit时"),
    "residual_needed": (
        (
            "It falls below the comparison value with a weight of the unknown of {needed} or "
            "more (here {weight})."
        ),
        "“未知或其他来源”的权重达到{needed}时（本案取{weight}），即低于对照值。",
    ),
    "residual_below": (
        (
            "It reaches the comparison value only with a weight of the unknown of at most {needed} "
            "(here {weight})."
        ),
        "“未知或其他来源”的权重不超过{needed}时（本案取{weight}），才达到对照值。",
    ),
    "residual_none": (
        "Weight of the unknown that changes the side: none ({why}).",
        "使高低关系改变的“未知或其他来源”权重：无（{why}）。",
    ),
    "independent": (
        "As if independent: {naive} (log10) against the rest; in the model: {model}.",
        "假设相互独立：相对其余来源为{naive}（对数）；本模型为{model}。",
    ),
    "standards": ("Standards of proof", "各法域证明标准的对照值"),
    "name": ("standard", "证明标准"),
    "threshold": ("value", "对照值"),
    "own": ("{name} (this case)", "{name}（本案）"),
    "prior_needed": (
        "The comparison value is reached with any prior of {p} or more.",
        "先验概率不低于{p}时达到对照值。",
    ),
    "prior_never": ("No prior reaches the comparison value.", "任何先验概率均达不到对照值。"),
    "notices": ("Notices", "提示"),
    "error": (
        (
            "Numerical error: log10 evidence to {evidence:.1g}, probability to {p:.1g} (standard "
            "errors; engine {engine}, seed {seed})."
        ),
        "数值误差：证据对数{evidence:.1g}，概率{p:.1g}（标准误；计算方法{engine}，种子{seed}）。",
    ),
    # commands
    "written": ("{file} written", "已写入{file}"),
    "new_next": (
        "fill it in, then: causation assess {file}",
        "请填写后运行：causation assess {file} --lang zh",
    ),
    "import_next": (
        "{rows} rows became {groups} groups; look it through, then: causation assess {file}",
        "{rows}行合为{groups}组；请核对后运行：causation assess {file} --lang zh",
    ),
    "import_head": (
        "Made from {file} by causation import.",
        "由 causation import 自 {file} 生成。",
    ),
    "import_title": ("Publication of the data of {n} persons", "{n}人信息被公开一案"),
    "more_alike": (
        "{n} more, from {lo} to {hi} (all of them in the report and with --json).",
        "另有{n}种，为{lo}至{hi}（全部见报告及 --json）。",
    ),
    "more_rows": (
        "{n} more (all of them in the report and with --json).",
        "另有{n}组（全部见报告及 --json）。",
    ),
    "import_ask": (
        "Next: a title, jurisdiction, standard, incident_date, other sources, findings.",
        "其次请填写：title、jurisdiction、standard、incident_date、其他来源、findings。",
    ),
    "not_carried": ("{n} things could not be carried over", "有{n}项内容未能转换"),
    "valid": (
        (
            "{name}: valid; {sources} sources, {groups} victim groups, {findings} findings, "
            "{notices} notices"
        ),
        (
            "{name}：格式无误；来源{sources}个，被公开者{groups}组，证据事项{findings}项，"
            "提示{notices}条"
        ),
    ),
    "proposition": ("proposition", "待证事实"),
    "title": ("title", "案件"),
    "working": ("computing ...", "正在计算"),
    "interrupted": ("interrupted", "已中断"),
    # sensitivity
    "tornado": (
        "The proposition as one input moves (5 % to 95 %)",
        "单项输入变动时的待证事实概率（5%至95%）",
    ),
    "low": ("input low", "取低值时"),
    "high": ("input high", "取高值时"),
    "tipping": ("Where the comparison changes", "使对照结果改变的取值"),
    "now": ("now", "现值"),
    "then": ("changes at", "改变处"),
    "sds": ("in sd", "标准差数"),
    "tipping_none": ("No single input changes the comparison.", "任何单项输入均不能改变对照结果。"),
    "bounds": ("Bounds over sets of inputs", "输入在一定范围内时的概率界限"),
    "range_of": ("over all", "范围"),
    "contaminated": ("priors with {epsilon} of them anything", "先验中有{epsilon}可为任意值"),
    "density_ratio": ("prior odds off by a factor of {ratio}", "先验发生比相差不超过{ratio}倍"),
    "weights": ("weights within their intervals", "权重在其区间之内"),
    "findings": ("findings within their intervals", "证据事项的概率在其区间之内"),
    "both": ("weights and findings within their intervals", "权重与证据事项均在其区间之内"),
    "indices": ("Share of the variance of the log odds", "对数发生比方差的归属"),
    "index": ("total", "总效应"),
    "interval": ("middle 95 %", "中间95%"),
    # side by side, inquiries
    "comparison": ("comparison", "对照结果"),
    "side_by_side": ("Side by side", "并列比较"),
    "prior_proposition": ("prior of the proposition", "待证事实的先验概率"),
    "posterior_proposition": ("posterior of the proposition", "待证事实的后验概率"),
    "held_proposition": ("held probability", "按上限计算的概率（保守值）"),
    "lr_against": ("log10 ratio against {name}", "相对{name}的似然比对数"),
    "inquiry": ("inquiry", "可申请调取的证据"),
    "bits": ("bits", "比特"),
    "crosses": ("crosses", "改变对照结果"),
    "lowest": ("lowest", "最低"),
    "highest": ("highest", "最高"),
    "plaintiff": ("plaintiff", "原告"),
    "defendant": ("defendant", "被告"),
    "inquiry_note": (
        (
            "bits: expected information about the source. crosses: chance that the comparison "
            "changes. lowest, highest: probability of the proposition afterwards. plaintiff, "
            "defendant: expected log10 odds in favour of each, if that party is right."
        ),
        (
            "比特：关于来源的期望信息量。改变对照结果：与对照值的大小关系发生变化的概率。最低、最高：调取之后待证"
            "事实的概率范围。原告、被告：若该方主张属实，预期对其有利的发生比变化（以10为底的对数）。"
        ),
    ),
}


def say(key: str, lang: str, /, **values: object) -> str:
    """Return a text with its values filled in."""
    return in_language(_TEXT[key], lang, **values)
