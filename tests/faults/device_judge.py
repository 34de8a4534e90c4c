"""What a run on a device that fails must have come to (device_faults.py)."""
import os

RESULT_FILES = ("summary.json", "run.json", "losses.npy", "exposure.csv", "greeks.csv", "resolved")


class Judge:
    """What is wrong with an outcome, in words; nothing where it is right."""

    def __init__(self, expected):
        self.expected = expected

    @staticmethod
    def ended(outcome, code):
        if outcome.code != code:
            return f"exit {outcome.code}, not {code}: {outcome.text.strip()[-500:]}"
        return ""

    @staticmethod
    def says(outcome, *wanted):
        absent = [one for one in wanted if one not in outcome.text]
        return f"does not say {absent}: {outcome.text.strip()[-500:]}" if absent else ""

    @staticmethod
    def audit_told(outcome, file):
        """Whether the metrics know of what an audit has found, and of nothing else."""
        with open(file, encoding="utf-8") as metrics:
            counted = [line.split()[-1] for line in metrics if line.startswith("tailbit_audit_mismatches")]
        found = "audit: the scenarios" in outcome.text
        return "" if counted == ["1" if found else "0"] else f"{counted} mismatches are counted: {outcome.text.strip()[-300:]}"

    def right(self, outcome):
        if outcome.result != self.expected:
            return "no result" if outcome.result is None else "other losses or measures"
        if not os.path.exists(f"{outcome.folder}/out/run.json"):
            return "no manifest"
        return ""

    @staticmethod
    def nothing(outcome):
        left = [name for name in RESULT_FILES if os.path.exists(f"{outcome.folder}/out/{name}")]
        return f"left {left}" if left else ""

    def complete(self, outcome, *wanted):
        return self.ended(outcome, 0) or self.right(outcome) or self.says(outcome, *wanted)

    def complete_on_device(self, outcome):
        """Nobody was hurt."""
        if outcome.device and "Simulated" not in outcome.device:
            return f"moved to {outcome.device}: {outcome.text.strip()[-500:]}"
        return self.complete(outcome)
