"""What the command line says when something goes wrong: one message, no traceback."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from causation.document.problems import InvalidCaseError
from causation.errors import CaseError
from causation.output import printable
from causation.terminal.layout import echo

__all__ = ["error_text", "fail", "keep_streams", "language_of", "our_failure", "refused_by_system",
           "silence", "usage_message"]  # fmt: skip

_LONGEST_MESSAGE = 1_200
_REFUSALS = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EIO", "EBADF", "EFBIG", "EROFS", "EMFILE", "ENFILE", "ENOMEM")
    if hasattr(errno, name)
)
"""What the system says when it cannot, whatever the program does."""


def language_of(args: Sequence[str]) -> str:
    """Language that a command line asks for: that of its messages too."""
    for option, value in zip(args, [*args[1:], ""], strict=False):
        if option in ("--lang=zh", "--lang=en") or (option == "--lang" and value in ("en", "zh")):
            return option.partition("=")[2] or value
    return "en"


def error_text(error: Exception, lang: str) -> str:
    """Write an error; in Chinese, its fixed parts and the names of what is wrong."""
    if lang == "en" or not isinstance(error, CaseError):
        return _fixed(str(error), lang)
    place = ":".join(str(part) for part in (error.file, error.line) if part is not None)
    head = "：".join(part for part in (place, error.path) if part)
    said = (error.problem, error.found, error.allowed)
    problem, found, allowed = error.said(lang) if isinstance(error, InvalidCaseError) else said
    text = f"{head}：" if head else ""
    text += _fixed(problem, lang)
    if found is not None:
        text += f"；实际为：{_fixed(found, lang)}"
    if allowed is not None:
        text += f"；可填：{_fixed(allowed, lang)}"
    return text


def _fixed(text: str, lang: str) -> str:
    if lang == "en":
        return text
    for pattern, words in _FIXED:
        text = re.sub(pattern, words, text)
    return text


_THINGS: dict[str, str] = {
    "value": "值", "key": "键", "field": "信息项", "source": "来源", "trait": "特征",
    "custodian": "保管方", "victim": "被公开者", "standard": "证明标准", "prior set": "先验集",
    "case": "案件", "probability": "概率", "date": "日期", "whole number": "整数", "number": "数",
}  # fmt: skip


def _thing(found: re.Match[str]) -> str:
    return _THINGS[found[1]]


_FIXED: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r" \(the first of (\d+) problems\)", r"（共\1处问题，此为第一处）"),
    (r" \(did you mean (.+?)\?\)", r"（是否为\1？）"),
    (r" \(write true or false\)", "（请写 true 或 false）"),
    (r" and (\d+) more$", r"，另有\1项"),
    (r"^a (file|case), or one of ", "一个文件，或下列之一："),
    (r", or a threshold in \(0, 1\)$", "，或0与1之间的数"),
    (r"^a number in \[0, 1\] or an interval \[lo, hi\] with 0 < lo <= hi < 1$",
     "0至1的数，或区间[下限, 上限]，0 < 下限 <= 上限 < 1"),
    (r"^a number or an interval \[lo, hi\] strictly between 0 and 1$",
     "严格在0与1之间的数或区间[下限, 上限]"),
    (r"^a whole number from (\d+) to (\d+)$", r"\1至\2的整数"),
    (r"^a day 2023-10-02, a month 2023-10 or a year 2023, from 1900 to 2200$",
     "1900至2200年间的日2023-10-02、月2023-10或年2023"),
    (r"^an identifier or a list of identifiers$", "一个标识符，或其列表"),
    (r"^true or false$", "true 或 false"),
    (r"^a value, or leave the key out$", "一个值，或略去此键"),
    (r"^each once$", "各一次"),
    (r"^one of the two$", "二者之一"),
    (r"; found (.+?)(?=; allowed|$)", r"；实际为：\1"),
    (r"; allowed: ", "；可填："),
    (r"; see: (.+)$", r"；参见：\1"),
    (r"^unknown key$", "未知的键"),
    (r"^unknown (value|key|field|source|trait|custodian|victim|standard|prior set|case)(?=$|（)",
     lambda m: f"未知的{_THINGS[m[1]]}"),
    (r"^a key is missing(?=$|（)", "缺少一项"),
    (r"^wrong type(?=$|（)", "类型不符"),
    (r"^the interval is inverted(?=$|（)", "区间上下限颠倒"),
    (r"^not a (probability|date|whole number|number)(?=$|（)", lambda m: f"不是{_thing(m)}"),
    (r"^an id stands twice(?=$|（)", "编号重复"),
    (r"^an expert stands twice(?=$|（)", "同一专家出现两次"),
    (r"^more were counted than there are(?=$|（)", "计数多于总数"),
    (r"^the weights do not add up(?=$|（)", "权重之和不为1"),
    (r"^an interval does not contain its own median(?=$|（)", "区间不含其自身的中间值"),
    (r"^the spread does not contain the share that was counted(?=$|（)", "离散区间不含所计比例"),
    (r"^unknown data set(?=$|（)", "未知的数据表"),
    (r": is a prior set that was not elicited; name another$",
     "：不是经询问专家得出的先验集；请另取文件名"),
    (r": no such file; elicit answers first$", "：没有此文件；请先询问专家"),
    (r"^a placeholder of the starter is left(?=$|（)", "仍有未替换的占位文字"),
    (r"^a case file of the first edition(?=$|（)", "第一版的案件文件"),
    (r"^cannot be read(?=$|（)", "无法读取"),
    (r"^the file is empty(?=$|（)", "文件为空"),
    (r"^no plaintiff among the groups of victims(?=$|（)", "被公开者中没有原告"),
    (r"^a victim of whom nothing was published(?=$|（)", "没有任何信息被公开的人"),
    (r"no such file$", "没有此文件"),
    (r": exists already; name another file, or add --overwrite$",
     "：已存在；请另取文件名，或加 --overwrite"),
    (r": is read-only; name another file$", "：为只读；请另取文件名"),
    (r": there is no folder (.+)$", r"：没有文件夹\1"),
    (r": is a folder; name a file$", "：是文件夹；请写明文件名"),
    (r"^nothing$", "无"),
    (r"^a text$", "一段文字"),
)  # fmt: skip


def usage_message(error: Exception) -> str | None:
    """What a wrong use of the command line is told; None for any other error.

    The parser may be click's own or a copy that comes with typer: its errors are known by their
    exit status.
    """
    if getattr(error, "exit_code", None) != 2 or not hasattr(error, "format_message"):
        return None
    context = getattr(error, "ctx", None)
    text = str(error.format_message())
    if context is None or text.startswith("Usage:"):
        return text
    return f"{text.rstrip('.')}; see: {context.command_path} --help"


def refused_by_system(error: Exception) -> str | None:
    """What is said where the system refused: a full device, a closed stream; else None."""
    if isinstance(error, MemoryError):
        return "there is not enough memory for this"
    if not isinstance(error, OSError) or error.errno not in _REFUSALS:
        return None
    return f"the output cannot be written: {(error.strerror or 'refused').lower()}"


def our_failure(error: Exception) -> str:
    """What is said of an error that is ours: its type and place, never its text.

    Raises
    ------
    Exception
        The error itself, where ``CAUSATION_DEBUG`` is set.
    """
    if os.environ.get("CAUSATION_DEBUG"):
        raise error
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else "?"
    return (
        f"a failure of the program ({type(error).__name__} at {place}); set CAUSATION_DEBUG=1 "
        "to see more"
    )


def fail(message: str, code: int) -> int:
    """Write one message to standard error; return the exit status."""
    try:
        if message.startswith("Usage:"):
            echo(*message.splitlines(), error=True)
        else:
            echo(f"causation: {printable(message, longest=_LONGEST_MESSAGE)}", error=True)
        sys.stderr.flush()
    except OSError:  # nobody can be told
        silence(sys.stderr)
    return code


def keep_streams() -> None:
    """Give a process that was started with closed streams some that say so when they are used.

    A file that is opened later must not become the standard output by its number.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number else os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115


def silence(stream: object) -> None:
    """Let what a broken stream still holds go nowhere."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[attr-defined]
    except (OSError, ValueError, AttributeError):
        return
