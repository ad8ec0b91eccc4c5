"""Who is asked what next: the same on a terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from causation.document.forms import Expert
from causation.document.reading import shown_file
from causation.document.stated import ends
from causation.dossier.labels import check_language
from causation.elicitation.answers import persons, say
from causation.elicitation.feedback import Feedback, heard, pool_feedback
from causation.elicitation.questions import Question, questions
from causation.elicitation.session import Session
from causation.errors import InputError


class Interview:
    """An interview of one expert, or of the group of those who answered before.

    Parameters
    ----------
    file : str or Path
        The prior set; see `Session`.
    expert : str or None
        Name or pseudonym, or None for the group; one who has no name yet gets it by `meet`.
    sources, fields : sequence of str
        What an expert is asked about; see `causation.elicitation.questions.questions`. A group is
        asked what several of its members answered.
    again : bool
        Ask what has been answered too, so that it can be corrected.

    Raises
    ------
    CausationError
        If the file is no elicited prior set, there is no such source or field, or no two experts
        answered the same question.
    """

    def __init__(
        self,
        file: str | Path,
        *,
        expert: str | None,
        sources: Sequence[str] = (),
        fields: Sequence[str] = (),
        base: str | Path = "neutral",
        again: bool = False,
        lang: str = "en",
    ) -> None:
        self.lang, self.expert, self.again = check_language(lang), expert, again
        self.session = Session(file, base=base)
        if expert is None:
            self.asked = self.session.together()
            if not self.asked:
                raise InputError(say("no_group", lang, file=shown_file(file)))
            self.again |= not self.session.unsettled()
        else:
            self.asked = questions(self.session.priors, sources=sources, fields=fields)
        self.at, self.skipped = -1, 0
        self.go_on()

    def meet(self, name: str) -> None:
        """Ask an expert of this name, from the first question that he left open."""
        self.expert, self.at = name, -1
        self.go_on()

    @property
    def question(self) -> Question | None:
        """The question that is asked now; None after the last."""
        return self.asked[self.at] if 0 <= self.at < len(self.asked) else None

    def open(self) -> tuple[Question, ...]:
        """Questions that are still to be answered."""
        if self.expert is None:
            return self.session.unsettled()
        return self.session.open(self.expert, self.asked)

    def go_on(self) -> None:
        """Go to the next question that is open, or to the end."""
        todo = self.asked if self.again else self.open()
        later = (k for k in range(self.at + 1, len(self.asked)) if self.asked[k] in todo)
        self.at = next(later, len(self.asked))

    def skip(self) -> None:
        """Leave the question as it is, and go on."""
        self.skipped += 1
        self.go_on()

    def back(self) -> None:
        """Go to the question before, answered or not."""
        self.at = max(self.at - 1, 0)

    def answer(
        self, value: tuple[float, float], *, median: float | None, rationale: str | None
    ) -> None:
        """Write what is answered to the question that is asked now, and go on."""
        question = self.question
        assert question is not None  # noqa: S101 - whoever asks has one
        if self.expert is None:
            self.session.agree(question.path, value, median=median, rationale=rationale)
        else:
            self.session.answer(
                self.expert, question.path, value, median=median, rationale=rationale
            )  # fmt: skip
        self.go_on()

    def head(self) -> str:
        """Which question of which this is; one that is gone on with keeps its number."""
        question = self.question
        assert question is not None  # noqa: S101 - whoever asks has one
        key = "group_head" if self.expert is None else "head"
        return say(
            key, self.lang, k=self.at + 1, n=len(self.asked),
            source=question.source[self.lang], field=question.field[self.lang],
        )  # fmt: skip

    def heard(self) -> tuple[list[str], Feedback | None]:
        """What the members of a group said, and their linear pool; nothing for one expert."""
        panel = self.session.panels().get(self.question.path) if self.question else None
        if self.expert is not None or panel is None:
            return [], None
        seen = pool_feedback(panel)
        return heard(panel, seen, self.lang), seen

    def standing(self) -> Expert | None:
        """What was answered to this question before."""
        panel = self.session.panels().get(self.question.path) if self.question else None
        if panel is None:
            return None
        if self.expert is None:
            return panel.group
        return next((m for m in panel.members if m.name == self.expert), None)

    def stands(self) -> list[str]:
        """Say what was answered before, if anything."""
        if (before := self.standing()) is None:
            return []
        lo, hi = ends(before.value)
        return [say("stands", self.lang, lo=persons(lo), hi=persons(hi))]
