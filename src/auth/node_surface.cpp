#include "openclaw/auth/node_surface.hpp"

#include "openclaw/net/http.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace openclaw::auth {

namespace {

enum platform : unsigned {
    none = 0,
    ios = 1,
    android = 2,
    macos = 4,
    linux_host = 8,
    windows = 16,
    watchos = 32,
};

constexpr unsigned phones = ios | android;
constexpr unsigned with_screen = phones | macos;
constexpr unsigned hosts = macos | linux_host | windows;
constexpr unsigned everywhere = phones | hosts | watchos;

// What a node may offer by default. Taking pictures, recording and writing into somebody's contacts,
// calendar or messages are on no list.
struct known_command {
    std::string_view name;
    unsigned on;
};
constexpr std::array commands{
    known_command{"browser.proxy", hosts},
    known_command{"calendar.events", with_screen},
    known_command{"camera.list", with_screen | windows},
    known_command{"canvas.a2ui.push", with_screen},
    known_command{"canvas.a2ui.pushJSONL", with_screen},
    known_command{"canvas.a2ui.reset", with_screen},
    known_command{"canvas.eval", with_screen},
    known_command{"canvas.hide", with_screen},
    known_command{"canvas.navigate", with_screen},
    known_command{"canvas.present", with_screen},
    known_command{"canvas.snapshot", with_screen},
    known_command{"contacts.search", with_screen},
    known_command{"device.health", android},
    known_command{"device.info", with_screen | windows | watchos},
    known_command{"device.permissions", android},
    known_command{"device.status", with_screen | windows | watchos},
    known_command{"fs.listDir", hosts},
    known_command{"location.get", with_screen | windows},
    known_command{"motion.activity", with_screen},
    known_command{"motion.pedometer", with_screen},
    known_command{"notifications.actions", android},
    known_command{"notifications.list", android},
    known_command{"photos.latest", with_screen},
    known_command{"reminders.list", with_screen},
    known_command{"system.execApprovals.get", hosts},
    known_command{"system.execApprovals.set", hosts},
    known_command{"system.notify", everywhere},
    known_command{"system.run", hosts},
    known_command{"system.run.prepare", hosts},
    known_command{"system.which", hosts},
};

struct platform_name {
    std::string_view begins;
    platform is;
};
constexpr std::array platforms{
    platform_name{"android", android}, platform_name{"darwin", macos},
    platform_name{"ios", ios},         platform_name{"ipados", ios},
    platform_name{"linux", linux_host}, platform_name{"macos", macos},
    platform_name{"watchos", watchos}, platform_name{"win32", windows},
    platform_name{"windows", windows}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

platform platform_of(std::string_view named) {
    std::string name;
    std::ranges::transform(named, std::back_inserter(name), lower);
    for (const auto& p : platforms) {
        if (name.starts_with(p.begins)) return p.is;
    }
    return none;
}

// A cap names a family of commands: "camera" stands before "camera.list".
bool is_family_on_platform(std::string_view cap, platform where) {
    const auto prefix = std::string(cap) + ".";
    return std::ranges::any_of(commands, [&](const auto& c) {
        return (c.on & where) != 0 && c.name.starts_with(prefix);
    });
}

bool runs_things(std::string_view command) {
    return command == "system.run" || command == "system.run.prepare" || command == "system.which" ||
           command == "browser.proxy" || command == "fs.listDir" ||
           command.starts_with("system.execApprovals.");
}

template <class Keep>
std::vector<std::string> in_order(std::vector<std::string> names, Keep keep) {
    std::erase_if(names, [&](const auto& n) { return !keep(n); });
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    names.erase(repeated.begin(), repeated.end());
    return names;
}

bool has(const std::vector<std::string>& sorted, std::string_view name) {
    return std::binary_search(sorted.begin(), sorted.end(), name, std::less<>());
}

bool has_all(const std::vector<std::string>& sorted, const std::vector<std::string>& names) {
    return std::ranges::all_of(names, [&](const auto& n) { return has(sorted, n); });
}

bool grants(const node_surface& s, const std::string& permission) {
    const auto at = s.permissions.find(permission);
    return at != s.permissions.end() && at->second;
}

}  // namespace

bool node_surface::offers(std::string_view command) const { return has(commands, command); }

bool is_on_platform(std::string_view command, std::string_view platform) {
    const auto where = platform_of(platform);
    return std::ranges::any_of(commands, [&](const auto& c) {
        return (c.on & where) != 0 && c.name == command;
    });
}

bool is_same_platform(std::string_view a, std::string_view b) {
    const auto known = platform_of(a);
    return known == platform_of(b) && (known != none || net::equals_ignoring_case(a, b));
}

node_surface on_platform(const node_surface& declared, std::string_view platform) {
    const auto where = platform_of(platform);
    node_surface out;
    out.caps = in_order(declared.caps, [&](const auto& c) { return is_family_on_platform(c, where); });
    out.commands = in_order(declared.commands, [&](const auto& c) { return is_on_platform(c, platform); });
    out.permissions = declared.permissions;
    return out;
}

bool covers(const node_surface& approved, const node_surface& wanted) {
    if (!has_all(approved.caps, wanted.caps) || !has_all(approved.commands, wanted.commands)) return false;
    return std::ranges::all_of(wanted.permissions, [&](const auto& p) {
        return !p.second || grants(approved, p.first);
    });
}

node_surface common(const node_surface& declared, const node_surface& approved) {
    node_surface out;
    out.caps = in_order(declared.caps, [&](const auto& c) { return has(approved.caps, c); });
    out.commands = in_order(declared.commands, [&](const auto& c) { return has(approved.commands, c); });
    for (const auto& [name, granted] : declared.permissions) {
        out.permissions[name] = granted && grants(approved, name);
    }
    return out;
}

std::vector<scope> scopes_to_approve(const node_surface& s) {
    if (s.commands.empty()) return {scope::pairing};
    const bool risky = std::ranges::any_of(s.commands, runs_things);
    return {scope::pairing, risky ? scope::admin : scope::write};
}

}  // namespace openclaw::auth
