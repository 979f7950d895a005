"""A `Wishes` that writes down what the screen asks."""

from __future__ import annotations

from wbtui.model import Event, FlexQuestion, Service


class Recorder:
    """Answers every wish with words, and keeps them for the test."""

    def __init__(self) -> None:
        self.refreshed: list[Service | None] = []
        self.pauses: list[str] = []
        self.questions: list[FlexQuestion] = []
        self.noted: list[Event] = []

    def refresh(self, service: Service | None) -> str:
        self.refreshed.append(service)
        return f"Looking again at {service or 'everything'}."

    def pause(self) -> str:
        self.pauses.append("pause")
        return "Paused."

    def resume(self) -> str:
        self.pauses.append("resume")
        return "Going on."

    def ask_flex(self, question: FlexQuestion) -> str:
        self.questions.append(question)
        return f"Asking Flex: {question.metric.label}."

    def note(self, event: Event) -> None:
        self.noted.append(event)
