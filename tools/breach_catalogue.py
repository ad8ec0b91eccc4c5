#!/usr/bin/env python3
"""Reduce the breach catalogue of Have I Been Pwned to what the shipped tables count.

    tools/breach_catalogue.py BREACHES.json > data/tables/hibp-breaches.csv

BREACHES.json is the answer of https://haveibeenpwned.com/api/v3/breaches; the one that was used is
breaches.json of github.com/fugitivexyz/DataBreachAnalytics at commit 10b380d (2025-03-15). It lists
metadata of breaches, no personal data. Spam lists, stealer logs, malware, fabricated and retired
entries are left out.
"""

import csv
import json
import sys
from pathlib import Path

CLASSES = {
    "account": {"Usernames"},
    "phone": {"Phone numbers", "Partial phone numbers"},
    "real_name": {"Names"},
    "id_number": {
        "Government issued IDs", "Social security numbers", "Passport numbers",
        "Driver's licenses",
    },
    "photo": {"Photos", "Profile photos"},
    "home_address": {"Physical addresses"},
    "birth_date": {"Dates of birth"},
    "sex": {"Genders"},
    "transaction": {
        "Purchases", "Payment histories", "Flights taken", "Travel plans",
        "Financial transactions", "Purchasing habits",
    },
    "email": {"Email addresses"},
    "employer": {"Employers", "Job titles", "Occupations"},
    "occupation": {"Job titles", "Occupations"},
    "social_ties": {
        "Family members' names", "Family structure", "Social connections", "Spouses names",
        "Address book contacts",
    },
    "bank_account": {"Bank account numbers", "Credit cards"},
}  # fmt: skip
"""Which data classes of the catalogue stand for which field."""
LEFT_OUT = ("IsSpamList", "IsStealerLog", "IsMalware", "IsFabricated", "IsRetired")


def main(arguments: list[str]) -> int:
    """Write the table to standard output."""
    breaches = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["name", "breached", "listed", "fields"])
    for breach in sorted(breaches, key=lambda b: (b["BreachDate"], b["Name"])):
        if not any(breach.get(flag) for flag in LEFT_OUT):
            fields = [f for f, classes in CLASSES.items() if classes & {*breach["DataClasses"]}]
            listed = breach["AddedDate"][:10]
            out.writerow([breach["Name"], breach["BreachDate"], listed, " ".join(fields)])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
