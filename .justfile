# The steps of tests/run by name. Plain cargo works without just.

# Lists the recipes.
default:
    @just --list

# Runs every check.
all:
    tests/run

# Checks the format of the code; `cargo fmt` mends it.
fmt:
    tests/run fmt

# Runs clippy.
lint:
    tests/run lint

# Checks the arrows between crates.
arrows:
    tests/run arrows

# Tests every crate, or one: `just test varde-core`.
test crate="":
    {{ if crate == "" { "tests/run test" } else { "cargo nextest run -p " + crate } }}

# Runs the examples in the documentation.
doctest:
    tests/run doctest

# Builds the documentation.
doc:
    tests/run doc

# Lets a server meet faults; just faults --large for all sizes of them.
faults *flags:
    VARDE_FAULTS="{{ flags }}" tests/run faults

# Runs the commands of the guides.
guides:
    tests/run guides

# Drives a running server with client libraries.
clients:
    tests/run clients

# Checks relative links in the documents.
links:
    tests/run links

# Checks licences, crates and sources.
deny:
    tests/run deny

# Plays the demonstration.
demo *args:
    cargo run --release -- demo {{ args }}
