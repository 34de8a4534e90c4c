#!/usr/bin/env python3
"""Counts a ctest run from its JUnit report.

    junit.py REPORT.xml     first line "PASSED FAILED SKIPPED"; then "FAIL name" and "SKIP reason" lines, one per test
    junit.py --self-test
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

# GTEST_SKIP() prints its reason after "file:line: Skipped"; scripts print "SKIP: reason".
GTEST_REASON = re.compile(r":\d+: Skipped\n+([^\n]+)")
SCRIPT_REASON = re.compile(r"^SKIP(?:PED)?:?\s+([^\n]+)", re.MULTILINE)


def reason(case):
    output = case.findtext("system-out") or ""
    for pattern in (GTEST_REASON, SCRIPT_REASON):
        match = pattern.search(output)
        if match:
            return match.group(1).strip()
    skipped = case.find("skipped")
    message = skipped.get("message", "") if skipped is not None else ""
    return f"{case.get('name')}: no reason given {message}".strip()


def count(root):
    passed, failures, reasons = 0, [], []
    for case in root.iter("testcase"):
        if case.get("status") == "disabled":
            reasons.append(f"{case.get('name')}: disabled")
        elif case.find("skipped") is not None and case.find("failure") is None:
            # A test whose program was not built is reported as skipped; it is a failure.
            message = case.find("skipped").get("message", "")
            if re.search(r"SKIP_|Skipped", message):
                reasons.append(reason(case))
            else:
                failures.append(f"{case.get('name')}: did not run ({message})")
        elif case.get("status") == "run" and case.find("failure") is None and case.find("error") is None:
            passed += 1
        else:
            failures.append(case.get("name"))
    return passed, failures, reasons


def self_test():
    report = """<testsuite>
      <testcase name="a" status="run"><system-out>fine</system-out></testcase>
      <testcase name="b" status="fail"><failure message=""/></testcase>
      <testcase name="c" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
        <system-out>[ RUN ] c\nc.cpp:3: Skipped\nno CUDA device\n[  SKIPPED ] c</system-out></testcase>
      <testcase name="d" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>
        <system-out>SKIP: no shared folder</system-out></testcase>
      <testcase name="e" status="notrun"><skipped message="Unable to find executable: e"/></testcase>
      <testcase name="f" status="disabled"><skipped message="Disabled"/></testcase>
    </testsuite>"""
    passed, failures, reasons = count(ElementTree.fromstring(report))
    assert passed == 1, passed
    assert [name.split(":")[0] for name in failures] == ["b", "e"], failures
    assert reasons == ["no CUDA device", "no shared folder", "f: disabled"], reasons


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        print("ok: finds what it should find")
        return
    passed, failures, reasons = count(ElementTree.parse(sys.argv[1]).getroot())
    print(passed, len(failures), len(reasons))
    for name in failures:
        print("FAIL", name)
    for line in reasons:
        print("SKIP", line)


if __name__ == "__main__":
    main()
