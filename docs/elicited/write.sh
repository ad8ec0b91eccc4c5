#!/usr/bin/env bash
# Write the sets of the two made-up experts anew from what they typed.
set -euo pipefail
cd "$(dirname "$0")"
for name in expert-one expert-two; do
  rm -f "$name.yaml"
  causation elicit "$name.yaml" --expert "$name" --date 2026-11-26 \
    --source leaked_library --source inference --source custodian_holding \
    --field account_link --field phone --field real_name --field id_number --field id_photo \
    --field transaction < "$name.txt" > /dev/null
done
