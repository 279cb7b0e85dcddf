#pragma once

#include "config/field_table.hpp"
#include "config/findings.hpp"
#include "config/json5_value.hpp"

#include <string>
#include <string_view>

namespace openclaw::config {

// Checks a tree against the table and fills the members that its rows name. What does not pass is
// reported and keeps its default; reading goes on, so that all problems come at once.
class reader {
public:
    explicit reader(findings& issues)
        : issues_(issues) {}

    void read_root(const json5_value& value, settings& out);

private:
    void read(const field_node& node, const json5_value& value, owner o, const std::string& path);
    void read_object(const field_node& node, const json5_value& value, owner o,
                     const std::string& path);
    void read_list(const field_node& node, const json5_value& value, owner o,
                   const std::string& path);
    void read_free_keys(const field_node& node, const json5_value& value, owner o,
                        const std::string& path);
    void check_free_key(const field_node& node, const json5_member& m, const std::string& path);
    void report_unknown(const field_node& node, const json5_member& m, const std::string& path);
    void report_repeated(const json5_value& value, const std::string& path);
    void mismatch(const field_node& node, const json5_value& value, const std::string& path);
    void bind_json(const field_node& node, const json5_value& value, owner o);

    findings& issues_;
};

// Checks one value against a row that takes no keys, and stores it.
class value_reader {
public:
    value_reader(const field& row, slot target, const std::string& path, findings& issues)
        : row_(row)
        , target_(target)
        , path_(path)
        , issues_(issues) {}

    // False: the value has not the type of the row, and nothing was reported.
    bool read(const json5_value& value);

private:
    bool read_boolean(const json5_value& value);
    bool read_number(const json5_value& value);
    bool read_quantity(const json5_value& value);
    bool read_choice(const json5_value& value);
    bool read_text(const json5_value& value);
    bool read_list(const json5_value& value);
    bool read_map(const json5_value& value);
    bool check_text(const json5_value& value, const std::string& path, bool element);
    bool in_range(double number, const json5_value& value, const std::string& shown);
    void fail(const json5_value& value, const std::string& path, std::string message,
              std::string hint = {});
    bool is_secret() const;

    const field& row_;
    slot target_;
    const std::string& path_;
    findings& issues_;
};

} // namespace openclaw::config
