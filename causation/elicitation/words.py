"""What an elicitation says, in English and Chinese; for the terminal and for notebooks."""

from __future__ import annotations

from causation.dossier.labels import in_language

__all__ = ["say"]

_TEXT: dict[str, tuple[str, str]] = {
    "head": ("Question {k} of {n} · {source} · {field}", "第{k}题，共{n}题 · {source} · {field}"),
    "seed_head": ("Calibration question {k} of {n}", "校准题{k}，共{n}题"),
    "reference": ("What is a share of what: {text}", "比例所指人群：{text}"),
    "keys": (
        (
            "Answer in persons of 100, such as 5 or 0.2. s skips, b goes back, q stops (all is "
            "saved), ? helps."
        ),
        "以每100人中的人数作答，如5或0.2。s跳过，b返回上一题，q停止（均已保存），?查看说明。",
    ),
    "help": (
        (
            "Think of many incidents with such a source, not of this case. First the least that "
            "would not surprise you: one time in 20 it is less. Then the most: one time in 20 it "
            "is more. Then the middle: as likely above as below."
        ),
        (
            "请设想该类来源的多起事件，而非本案。先说最少：二十次中有一次比它更少。再说最多：二十次中有一次比它更多。"
            "最后说中间值：高于和低于它的可能性相同。"
        ),
    ),
    "stands": ("Answered before: {lo} to {hi} of 100.", "此前的回答：每100人中{lo}至{hi}。"),
    "name": ("Name or pseudonym", "姓名或化名"),
    "statement": (
        "I do not know the outcome of the case for which I am asked",
        "本人不知道所询问案件的结果",
    ),
    "statement_no": ("I know the outcome", "本人知道该结果"),
    "state_first": (
        "Say first whether you know the outcome of the case.",
        "请先说明是否知道案件结果。",
    ),
    "known": (
        "This is written down: the outcome was known when the answers were given.",
        "已记录：作答时已知案件结果。",
    ),
    "lo": ("at least (one time in 20 it is less)", "最少（二十次中有一次更少）"),
    "hi": ("at most (one time in 20 it is more)", "最多（二十次中有一次更多）"),
    "median": (
        "middle, as likely above as below (Enter: leave open)",
        "中间值，高于和低于它的可能性相同（回车：不填）",
    ),
    "middle": ("middle, as likely above as below", "中间值，高于和低于它的可能性相同"),
    "implies": ("This says, in persons of 100:", "这意味着，每100人中："),
    "at": ("{share} sure it is below", "有{share}的把握低于"),
    "mean": ("On average {mean} of 100.", "平均每100人中{mean}人。"),
    "off": (
        (
            "Your middle was {median}; that of your interval is {own}. Change one of them, or keep "
            "the interval: it is the interval that counts."
        ),
        "所填中间值为{median}，而区间的中间值为{own}。请修改其一，或保留区间：计算以区间为准。",
    ),
    "differs": (
        "It differs by more than its own width from the shipped sets: {sets}.",
        "与下列先验集之差超过本区间自身的宽度：{sets}。",
    ),
    "differs_set": (
        "{set} ({lo} to {hi} of 100)",
        "{set}（每100人中{lo}至{hi}）",
    ),
    "keep": ("Keep it", "保留"),
    "why": ("Why (one line; Enter: nothing)", "理由（一行；回车：不填）"),
    "no_number": ("not a number of persons of 100: {text}", "不是每100人中的人数：{text}"),
    "out_of_range": (
        "more than 0 and less than 100, please: nothing is certain here",
        "请填大于0且小于100的数：此处没有确定无疑的事",
    ),
    "inverted": (
        "the most is less than the least: {lo} to {hi}",
        "最多小于最少：{lo}至{hi}",
    ),
    "outside": (
        "the middle {median} does not lie between {lo} and {hi}",
        "中间值{median}不在{lo}与{hi}之间",
    ),
    "resumed": (
        "{file} is gone on with: {name} has answered {n}.",
        "继续{file}：{name}已回答{n}题。",
    ),
    "saved": (
        "{file} written; numbers elicited from {experts}: {n}.",
        "已写入{file}：{n}项数值，询问{experts}得出。",
    ),
    "saved_none": ("{file} written; nothing answered yet.", "已写入{file}；尚无回答。"),
    "interrupted": (
        "interrupted; what was answered is in {file}, and the same command goes on there",
        "已中断；已回答的内容保存在{file}，再次执行同一命令即可继续",
    ),
    "all_done": (
        "{name} has answered everything that is asked here. To correct it: {how}.",
        "{name}已回答此处全部问题。如需更正：{how}。",
    ),
    "left_open": (
        "{n} of {of} questions are left open; the same call asks them again.",
        "{of}题中有{n}题未答；再次执行同一调用即可作答。",
    ),
    "kept": (
        "{name}: {lo} to {hi} of 100 is written to {file}.",
        "{name}：每100人中{lo}至{hi}，已写入{file}。",
    ),
    "group": ("The group", "小组"),
    "unit": ("persons of 100", "每100人中的人数"),
    "next_call": ('Use it: assess(case, priors="{file}")', '使用：assess(case, priors="{file}")'),
    "next": (
        "Use it: causation assess CASE --priors {file}",
        "使用：causation assess 案件 --priors {file}",
    ),
    "group_head": (
        "Group question {k} of {n} · {source} · {field}",
        "小组第{k}题，共{n}题 · {source} · {field}",
    ),
    "each": ("{name}: {lo} to {hi} of 100", "{name}：每100人中{lo}至{hi}"),
    "pool": (
        "Linear pool of the answers: {lo} to {hi} of 100 (10 % to 90 %), middle {middle}.",
        "各人回答的线性合并：每100人中{lo}至{hi}（10%至90%），中间值{middle}。",
    ),
    "observer": (
        (
            "Talk over why you differ. Then: what would a rational impartial observer say who has "
            "heard you all? It need not be the average."
        ),
        "请讨论分歧的缘由。然后：听取了各人意见的理性而中立的观察者会怎么说？不必取平均。",
    ),
    "no_group": (
        "{file}: a group needs two experts who answered the same question",
        "{file}：小组判断须有两名专家回答过同一问题",
    ),
    "score": (
        "Calibration of {name}: {score} (truths below, in the two middle parts, above: {counts}).",
        "{name}的校准分：{score}（真值低于、位于中间两段、高于区间的题数：{counts}）。",
    ),
    "score_note": (
        "The chance with which a calibrated expert scores this or less; no mark of knowledge.",
        "该分是校准良好的专家得此分或更低的概率；它不是知识水平的评分。",
    ),
    "weights": ("Weights: {weights}; {pool} pool.", "权重：{weights}；{pool}。"),
    "pool_linear": ("linear", "线性合并"),
    "pool_log": ("log", "对数合并"),
    "pool_quantile": ("quantile", "分位数平均"),
    "even": ("even", "均等"),
    "button_show": ("Show what this says", "显示其含义"),
    "button_keep": ("Keep and go on", "保留并继续"),
    "button_skip": ("Skip", "跳过"),
    "button_back": ("Back", "返回上一题"),
    "pooled": ("Answers are put together by", "回答的合并方式"),
    "rationale": ("why", "理由"),
}


def say(key: str, lang: str, /, **values: object) -> str:
    """Return a text with its values filled in.

    Examples
    --------
    >>> say("keep", "zh")
    '保留'
    """
    return in_language(_TEXT[key], lang, **values)
