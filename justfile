# Every command is a stage of `.ci/run`, which needs no `just`.

# Formatting, lints and the tests that compile no kernel
check:
    .ci/run check

# All tests
test:
    .ci/run tests

# Everything that must pass before a change lands
full:
    .ci/run
