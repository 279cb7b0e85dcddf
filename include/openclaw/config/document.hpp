#pragma once

#include "openclaw/config/loader.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// The configuration file as somebody sees and changes it from afar, who is not shown its secrets.
// Everything here reads or writes files and blocks.
namespace openclaw::config {

struct document {
    bool exists = false;        // without a file all defaults hold
    bool valid = false;         // no issue is an error
    bool hides = false;         // a secret was masked
    std::string raw;            // the text, with its secrets: for those alone who may read the file
    std::string hash;           // of the text, for `edit::base_hash`
    // Secrets are masked, and variables stand as they are written, for what an environment holds
    // is not the file's to show.
    json parsed;                // what is set, with today's names of the keys
    json complete;              // the same with the defaults of the rest
    std::vector<issue> issues;
};

// The file, or what there is without one. Errors: io.
result<document> read_document(const std::filesystem::path& file, const environment& env);
// The same as a start would load it, with its secrets; the defaults, and no text, without a file. Errors: io.
result<load_outcome> read_loaded(const std::filesystem::path& file, const environment& env);

enum class edit_kind {
    replace,  // `raw` is the whole new text
    merge,    // `raw` is an object that is merged in (RFC 7396): null removes; comments stay
};

struct edit {
    edit_kind what = edit_kind::replace;
    std::string raw;        // JSON5; a mask in a secret's place keeps what is stored there
    std::string base_hash;  // of the text that it was made from
};

struct edited {
    std::vector<issue> refused;             // not empty: the file is as it was
    document after;
    std::vector<changed_setting> changes;   // empty: there was nothing to write
};

// Checks and writes; what was there is `<file>.bak`. Errors: conflict without a base hash or with
// another one than the file has now; io; invalid_input when the file itself is no JSON5.
result<edited> edit_file(const std::filesystem::path& file, const edit& e, const environment& env);

// Another text, made of what the file is now; `now` passes.
using text_maker = std::function<result<std::string>(const load_outcome& now)>;
// Writes what `make` makes of the file as edit_file does. Other writers wait meanwhile, so it needs no base
// hash. A file that does not pass as it is stays, and is `refused`. Errors: io, and those of `make`.
result<edited> rewrite_file(const std::filesystem::path& file, const text_maker& make,
                            const environment& env);

}  // namespace openclaw::config
