"""Counts checks and prints those that fail."""

from collections.abc import Iterable


class Results:
    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self.skipped = 0

    def check(self, name: str, problems: Iterable[str]) -> None:
        """One check: it passes when it found no problem."""
        problems = list(problems)
        if problems:
            self.failed += 1
            print(f"FAIL {name}")
            for problem in problems:
                print(f"     {problem}")
        else:
            self.passed += 1
            print(f"ok   {name}")

    def refused(self, name: str, problems: Iterable[str], expected: str) -> None:
        """One sabotage: it passes when a problem was found that says `expected`."""
        problems = list(problems)
        if any(expected in problem for problem in problems):
            return self.check(f"refused: {name}", [])
        found = problems or ["nothing was found"]
        self.check(f"refused: {name}", [f"expected {expected!r}, got: {found}"])

    def close(self) -> int:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}")
        return 1 if self.failed or not self.passed else 0
