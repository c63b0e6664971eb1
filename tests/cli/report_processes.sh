# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# A page of several processes counts code once, however many ran it.

"$PTCAP" -q --source step -o t.ptz -- "$SAMPLES/sample_fork_wait" >/dev/null
run "$PTDEC" report -o page.html t.ptz; expect_status 0
"$PTDEC" blocks --format tsv t.ptz >blocks
python3 - <<'END' || fail "the page and the blocks differ"
import csv, json, re
page = open("page.html").read()
summary = json.loads(re.search(
    r'<script type="application/json" id="summary">(.*?)</script>', page,
    re.DOTALL).group(1))
ran, pids = [], set()
for row in csv.DictReader(open("blocks"), delimiter="\t"):
    ran.append((int(row["begin"], 16), int(row["end"], 16)))
    pids.add(row["#pid"])
assert len(pids) > 1, pids
# A fork has the code where its parent has it.
done = total = 0
for begin, end in sorted(set(ran)):
    total += max(0, end - max(begin, done))
    done = max(done, end)
hit = sum(module["hit"] for module in summary["modules"])
assert hit == total, (hit, total)
assert dict(map(tuple, summary["facts"]))["threads"] == str(len(pids))
END
