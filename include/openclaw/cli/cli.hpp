#pragma once

namespace openclaw::cli {

// The whole command line: parses, runs the command, and returns the exit code of product.md §4
// (0 done, 1 failed, 2 wrong usage, 3 no gateway, 4 not authorized; 78 from a start that can't be).
int run(int argc, char** argv);

}  // namespace openclaw::cli
