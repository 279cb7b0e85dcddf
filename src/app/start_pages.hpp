#pragma once

namespace openclaw::app {

// Gives back the pages of code and constants that the start has mapped. Most of them nobody needs again
// (the CLI, the configuration, OpenSSL's tables); those in use come back from the page cache when they
// are touched, 64 KB at a time. docs/benchmarks.md says what it brings.
void release_start_pages();

}  // namespace openclaw::app
